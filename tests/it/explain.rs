//! Explain: what an id is about.

use crate::harness::{Harness, shows};

#[test]
fn every_kind_of_id_is_explained() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["explain", "lro-c-13"]), @r#"
    exit 0
    ----- stdout
    LRO-C-13 (violation): 202 is never the end

    202 means running. Without a URL to poll the client reports an error, or reads the resource (PUT, PATCH).

    faults that it sees: BUG-01, BUG-07, BUG-08, BUG-51, BUG-72
    scenarios that exercise it: SC-007, SC-021, SC-061, SC-062, SC-107, SC-108, SC-109, SC-110
    source: RPC-ASYNC, LINT LroLocationHeader
      RPC-ASYNC: ARM resource provider contract, "Asynchronous Operations": github.com/Azure/azure-resource-manager-rpc, v1.0/async-api-reference.md
      LINT: the rules for API descriptions: github.com/Azure/azure-openapi-validator, docs/
    "#);
    shows!(harness, harness.armtape(&["explain", "SC-059"]), @r#"
    exit 0
    ----- stdout
    SC-059 (put): 201, and the properties are null

    The service breaks its contract.
    The service answers
      the write:             201, a body of its own: `{"id":"${id}","name":"${name}","type":"${type}","properties":null}`
      the resource:          200 Succeeded
    right: success

    rules that it is about
      LRO-C-45: what is odd and harmless is read (TRACK (all fields but `status` are optional))
    source
      TRACK: Microsoft Learn, "Track asynchronous Azure operations"
    "#);
    shows!(harness, harness.armtape(&["explain", "SC-121"]), @r#"
    exit 0
    ----- stdout
    SC-121 (put): Retry-After changes

    Valid, and easily misread.
    The service answers
      the write:             202, Location, Retry-After: 60
      the result URL:        202, Retry-After: 10; then 202, Retry-After: 20; then 200 Succeeded
    right: success
    a resource that the client returns comes from the result URL
    demanded: to ask the result URL at least 3 times

    rules that it is about
      LRO-C-22: Retry-After between polls (RPC-ASYNC step 3, TRACK, THROTTLE)
    source
      RPC-ASYNC: ARM resource provider contract, "Asynchronous Operations": github.com/Azure/azure-resource-manager-rpc, v1.0/async-api-reference.md
      TRACK: Microsoft Learn, "Track asynchronous Azure operations"
      THROTTLE: Microsoft Learn, "Understand how Azure Resource Manager throttles requests"
    "#);
    shows!(harness, harness.armtape(&["explain", "s-31"]), @r#"
    exit 0
    ----- stdout
    S-31: a polling URL works for the caller alone that began the operation, in the same subscription and tenant (TRACK, REVIEW section 6.8)

    rules that follow from it: LRO-C-28
      REVIEW: the review of ARM APIs: github.com/Azure/azure-rest-api-specs, .github/instructions/arm-api-review.instructions.md
      TRACK: Microsoft Learn, "Track asynchronous Azure operations"
    "#);
    shows!(harness, harness.armtape(&["explain", "bug-53"]), @"
    exit 0
    ----- stdout
    BUG-53: Retry-After on a poll is ignored.

    seen by
      LRO-C-22: Retry-After between polls
    source: Azure/azure-sdk-for-net#3447; Azure/autorest.csharp#1674
    ");
    shows!(harness, harness.armtape(&["explain", "a-03"]), @r#"
    exit 0
    ----- stdout
    A-03: A `Location` beside 200 or 201 may be a polling URL or a plain link to the resource; to end there early is a warning.
    source: RFC 9110, RPC-ASYNC, TSP; each SDK does it otherwise
      RPC-ASYNC: ARM resource provider contract, "Asynchronous Operations": github.com/Azure/azure-resource-manager-rpc, v1.0/async-api-reference.md
      TSP: the ARM library of TypeSpec: github.com/Azure/typespec-azure
    "#);
    shows!(harness, harness.armtape(&["explain", "LRO-C-99"]), @"
    exit 2
    ----- stderr
    error: nothing is called `LRO-C-99`
    hint: rules are LRO-C-01 to LRO-C-57, BODY-nn, ID-nn and SCRIPT-nn; of tapes TAPE-nn, of comparisons CHANGE-nn, of profiles PROFILE-01 to PROFILE-44; scenarios SC-nnn and OP-nn; generated ones GEN-n-n, those of `check --from` FROM-n; faults BUG-01 to BUG-93; open questions A-01 to A-30; sources as rules name them; those of `scan` and `redact` are in docs/secrets.md
    ");
}

#[test]
fn there_are_thirty_open_questions() {
    let harness = Harness::new();
    for number in 1..=30 {
        let id = format!("A-{number:02}");
        let said = harness.armtape(&["explain", &id]).ends_with(0).stdout;
        assert!(said.starts_with(&format!("{id}: ")) && said.contains("source: "), "{said}");
    }
    harness.armtape(&["explain", "A-31"]).ends_with(2);
}

#[test]
fn what_is_no_rule_is_explained_too() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["explain", "tape-03"]), @"
    exit 0
    ----- stdout
    TAPE-03 (violation): the client is content

    Where nothing on the tape failed and nothing else is wrong, the client ends with 0.
    source: docs/ci.md
    ");
}

#[test]
fn what_is_made_and_what_profiles_break_is_explained_too_several_at_once() {
    let harness = Harness::new();
    let said = harness.armtape(&["explain", "profile-07", "GEN-1-17", "FROM-2:recorded", "SCRIPT-02"]).ends_with(0);
    for told in [
        "PROFILE-07 (",
        "GEN-1-17: a generated service, number 17 of those of seed 1",
        "armtape check --scenario GEN-1-17 -- CLIENT",
        "operation 2 of the recording",
        "SCRIPT-02 (",
    ] {
        assert!(said.stdout.contains(told), "{told}: {said}");
    }
    for number in 1..=44 {
        let said = harness.armtape(&["explain", &format!("PROFILE-{number:02}")]).ends_with(0).stdout;
        assert!(said.contains("source: "), "{said}");
    }
    harness.armtape(&["explain", "A-01", "GEN-1"]).ends_with(2);
}
