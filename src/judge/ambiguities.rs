//! Where the documents, or correct clients, differ: what the rules let pass, and why.

/// A question that the contract leaves open.
#[derive(Debug)]
pub struct Ambiguity {
    /// `A-nn`.
    pub id: &'static str,
    /// What is open, and what that means here.
    pub words: &'static str,
    /// Which documents, or which clients, differ.
    pub source: &'static str,
}

/// Every one, in the order of their ids.
#[must_use]
pub fn ambiguities() -> &'static [Ambiguity] {
    AMBIGUITIES
}

const fn open(id: &'static str, words: &'static str, source: &'static str) -> Ambiguity {
    Ambiguity { id, words, source }
}

const AMBIGUITIES: &[Ambiguity] = &[
    open(
        "A-01",
        "A PUT may be answered with 202, the old way, although new types must not; every client can go on from it.",
        "RPC-ASYNC, REVIEW, LINT and TRACK differ",
    ),
    open(
        "A-02",
        "A 201 without a state and without polling headers is complete to some clients and read again by others; both pass.",
        "RPC-ASYNC and TRACK; JavaScript, .NET and Java finish, Python and Go read",
    ),
    open(
        "A-03",
        "A `Location` beside 200 or 201 may be a polling URL or a plain link to the resource; to end there early is a warning.",
        "RFC 9110, RPC-ASYNC, TSP; each SDK does it otherwise",
    ),
    open(
        "A-04",
        "A status URL beside the state `Succeeded` may be polled or left alone.",
        "silence of the documents; Java finishes, Python, JavaScript and .NET poll",
    ),
    open(
        "A-05",
        "Of `Azure-AsyncOperation` and `Operation-Location` together either may be polled; ARM knows the first alone.",
        "RPC-ASYNC, GUIDE; JavaScript and .NET rank the second first",
    ),
    open(
        "A-06",
        "A 200 from `Location` whose body has a state that goes on ends the wait for most clients, and not for all; both pass.",
        "RPC-ASYNC; Go goes on, the others finish",
    ),
    open(
        "A-07",
        "A status document that says `Failed` behind `Location` is the service's fault; to report success is a warning.",
        "RPC-ASYNC; Terraform reads the status, most SDKs do not",
    ),
    open(
        "A-08",
        "A deletion whose `Location` answers 200 with the state `Failed` is described nowhere; to report success is a warning.",
        "silence of the documents; Go fails, Python, JavaScript and .NET succeed",
    ),
    open(
        "A-09",
        "`final-state-via` has a meaning for POST, and some SDKs obey it elsewhere; after a PUT either final read is right.",
        "AUTOREST and FSV differ from each other",
    ),
    open(
        "A-10",
        "While something is deleted, a 404 at `Location` is success to some clients and an error to others; both pass.",
        "RPC-ASYNC; Ruby, Python and JavaScript differ",
    ),
    open(
        "A-11",
        "After a 202 without a URL some clients read the resource, some fail, some call it done; the last is a warning.",
        "RPC-ASYNC; each SDK does it otherwise",
    ),
    open(
        "A-12",
        "A status answer without a status breaks the contract; success is let pass where the resource shows it later.",
        "RPC-ASYNC; JavaScript and Terraform go on, the others fail",
    ),
    open(
        "A-13",
        "Whether a client may put its own api-version on a polling URL is contested; that it did is a warning.",
        "RPC-ASYNC, REVIEW, GUIDE, CONSID; .NET replaces, others keep",
    ),
    open(
        "A-14",
        "Without `Retry-After` clients wait from 1 to 60 seconds; only a pace that hammers is a finding.",
        "RPC-ASYNC, TRACK; 2 to 30 s in the SDKs",
    ),
    open(
        "A-15",
        "Whether the first poll waits for the `Retry-After` of the write is done in both ways, and one SDK polls twice \
         before it waits; not to wait is a warning at the first two polls.",
        "RPC-ASYNC; Go and Terraform wait, Python and .NET do not, JavaScript's poller polls twice",
    ),
    open(
        "A-16",
        "`Retry-After` as a date is allowed by HTTP and not by ARM; not to understand it is a warning.",
        "RFC 9110, RPC-ASYNC; Java and Terraform ignore it",
    ),
    open(
        "A-17",
        "A `Retry-After` beyond 10 to 600 seconds is outside of the contract and obeyed as it is; tests set it to 0.",
        "RPC-ASYNC; the playback of the SDKs' tests",
    ),
    open(
        "A-18",
        "`Cancelled` and other words for an end are the service's fault; a client only has to come to an end.",
        "RPC-ASYNC; clients differ by word",
    ),
    open(
        "A-19",
        "An operation that was cancelled need not come with an error, so no code is asked for.",
        "RPC-ASYNC, TRACK",
    ),
    open(
        "A-20",
        "A status URL should answer 200 while the operation runs; 202 with a body is met and taken, too.",
        "RPC-ASYNC; TESTSRV and some services",
    ),
    open("A-21", "A 202 may carry a body, in which nothing is to be read as the state.", "RPC-ASYNC; TESTSRV"),
    open(
        "A-22",
        "A service may refuse or take a second PUT while the first runs; that the client sent it is judged apart from that.",
        "two revisions of REVIEW, RPC-ASYNC",
    ),
    open(
        "A-23",
        "An update by PATCH that takes its time is legal in ARM, although the guide for data planes forbids it.",
        "RPC-ASYNC, GUIDE",
    ),
    open(
        "A-24",
        "Whether a resource is visible while a 202 creates it is said in two ways; both are played.",
        "RPC-ASYNC and the Customer Insights reference differ",
    ),
    open(
        "A-25",
        "Polling URLs should name the host that was called and do not always; to ask one's own endpoint instead passes.",
        "RPC-ASYNC; Terraform changed its mind",
    ),
    open(
        "A-26",
        "For how long a status URL stays is not said for ARM; that it goes at some time is to be expected.",
        "silence of RPC-ASYNC; GUIDE names 24 hours for data planes",
    ),
    open(
        "A-27",
        "The resource may lag behind its status URL; what the final read shows may be returned.",
        "RPC-ASYNC; Python and JavaScript return it",
    ),
    open(
        "A-28",
        "A 201 whose state is `Failed` is a failure, although an SDK returns it as if it were none.",
        "RPC-ASYNC; azure-core for Python",
    ),
    open(
        "A-29",
        "Whether a 4xx in reading the resource is an answer or trouble is not said; it is judged as that of a status URL.",
        "RPC-ASYNC; the SDKs fail",
    ),
    open(
        "A-30",
        "The reference of Customer Insights calls a 200 complete, and its example has a running state; the state decides.",
        "the Customer Insights reference differs from its examples",
    ),
];
