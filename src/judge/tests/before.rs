//! LRO-C-01 to 07.

use super::*;

#[test]
pub(super) fn c01_the_api_version() {
    let with = |query: &str| Tape::new().ask("PUT", &format!("{ID}{query}"), "200").found();
    assert_eq!(with("?api-version=2024-01-01"), "");
    for query in ["", "?api-version=", "?api-version=2024-01-01&api-version=2024-01-01"] {
        assert_eq!(with(query), "!01", "{query}");
    }
    // Of another form: a service that takes it knows it.
    let odd = |status: &str| Tape::new().ask("PUT", &format!("{ID}?api-version=1"), status).found();
    assert_eq!((odd("400").as_str(), odd("200").as_str()), ("!01", ""));
    // The key in another case, suffixes, other parameters.
    for query in ["?API-Version=2024-01-01", "?api-version=2024-01-01-preview", "?x=1&api-version=2024-01-01"] {
        assert_eq!(with(query), "", "{query}");
    }
    // A page of a list, by the link that the page before it had.
    assert_eq!(Tape::new().get("/subscriptions/s/resources?$skiptoken=1", "200\n{\"value\":[]}").found(), "");
    // A poll of a URL that came without.
    let bare = format!("201 Azure-AsyncOperation:{HOST}/subscriptions/s/ops/1?monitor=true");
    let poll = Tape::new()
        .put(&answer(&bare, "Creating"))
        .get("/subscriptions/s/ops/1?monitor=true", "200\n{\"status\":\"Succeeded\"}");
    assert_eq!(poll.found(), "");
}

#[test]
pub(super) fn c02_bodies_are_json() {
    let sends = |kind: Option<&str>, body: &str| {
        let change = |interaction: &mut Interaction| {
            interaction.request.body = Body::from_bytes(body.to_owned().into());
            interaction.request.headers = kind.map(|kind| ("content-type", kind)).into_iter().collect();
            interaction.request.headers.append("accept", "*/*");
        };
        Tape::new().put("200").change(change).found()
    };
    assert_eq!(sends(Some("application/json; charset=utf-8"), BODY), "");
    assert_eq!(sends(Some("application/merge-patch+json"), BODY), "");
    assert_eq!(sends(None, ""), "");
    assert_eq!(sends(None, BODY), "!02");
    assert_eq!(sends(Some("text/plain"), BODY), "!02");
    assert_eq!(sends(Some("application/json"), "{} {}"), "!02");
}

#[test]
pub(super) fn c03_tls_and_a_token() {
    let bare = |interaction: &mut Interaction| interaction.request.auth = None;
    let plain = |interaction: &mut Interaction| interaction.request.scheme = Some("http".to_owned());
    assert_eq!(created().op("Running").change(bare).found(), "!03");
    assert_eq!(Tape::new().put("200").change(plain).found(), "!03");
    assert_eq!(Tape::new().put("200").change(plain).knobs(|knobs| knobs.plain_http = true).found(), "");
    // A first try without a token, for the challenge.
    assert_eq!(Tape::new().put("401").change(bare).put("200").found(), "");
    // A host that is not the service's must not see one.
    let foreign = format!("201 Azure-AsyncOperation:https://other.example{OP}");
    let there = format!("https://other.example{OP}");
    let polled =
        Tape::new().put(&answer(&foreign, "Creating")).get(&there, "200\n{\"status\":\"Succeeded\"}").change(bare);
    assert_eq!(polled.found(), "");
}

#[test]
pub(super) fn c04_a_write_is_not_repeated_while_it_runs() {
    let again = created().op("Running").put("409").op("Succeeded");
    assert_eq!(again.clone().success().found(), "!04");
    let running = created().put("409");
    assert_eq!(running.clone().success().found().split(' ').next(), Some("!04"));
    assert_eq!(running.found(), "?04", "on a tape nobody knows when it ended");
    let other = |interaction: &mut Interaction| interaction.request.body = Body::from_bytes("{}".into());
    assert_eq!(created().put("409").change(other).op("Succeeded").found(), "?04");
    // After the end; another method; a neighbour.
    assert_eq!(created().op("Succeeded").put("200").found(), "");
    assert_eq!(created().ask("DELETE", R, "204").op("Succeeded").found(), "");
    assert_eq!(created().ask("PUT", &R.replace("widgets/w?", "widgets/v?"), "200").op("Succeeded").found(), "");
    // A try whose answer was lost.
    assert_eq!(Tape::new().put("reset").put(&answer("201 +AAO", "Creating")).op("Succeeded").found(), "");
}

#[test]
pub(super) fn c05_what_may_be_tried_again() {
    let twice = |first: &str| Tape::new().put(first).put("200").success().found();
    for first in ["503", "500", "504", "408", "reset", "429 Retry-After:1", "409 Retry-After:1", "401"] {
        assert_eq!(twice(first), "", "{first}");
    }
    for first in ["400", "403", "404", "405", "412"] {
        assert_eq!(twice(first), "!05", "{first}");
    }
    assert_eq!(twice("409"), "", "patiently");
    let hasty = || Tape::new().put("409").after(10).put("200").success();
    assert_eq!(hasty().found(), "!05");
    assert_eq!(hasty().knobs(|knobs| knobs.accelerated = true).found(), "", "nobody is to wait");
    assert_eq!(Tape::new().put("400").put("200").found(), "?05", "it may have been the caller");
    assert_eq!(twice("429 Retry-After:6"), "!05", "too soon");
    let registered = "409\n{\"error\":{\"code\":\"MissingSubscriptionRegistration\",\"message\":\"m\"}}";
    assert_eq!(Tape::new().put(registered).after(10).put("200").found(), "");
    let empty = |interaction: &mut Interaction| interaction.request.body = Body::Empty;
    assert_eq!(Tape::new().put("503").put("200").change(empty).found(), "!05");
    // A POST that may have been carried out is doubtful; 500, 503 and 504 pass.
    assert_eq!(Tape::new().ask("POST", R, "reset").ask("POST", R, "200").found(), "?05");
    assert_eq!(Tape::new().ask("POST", R, "503").ask("POST", R, "200").found(), "");
    let named = |id: &'static str| {
        move |interaction: &mut Interaction| interaction.request.headers.append("x-ms-client-request-id", id)
    };
    let first = "5d6e3f40-9a3b-4a8f-9d7e-0a1b2c3d4e5f";
    let second = "6d6e3f40-9a3b-4a8f-9d7e-0a1b2c3d4e5f";
    assert_eq!(Tape::new().put("503").change(named(first)).put("200").change(named(second)).found(), "", "a new id");
}

#[test]
pub(super) fn c06_preconditions_stay_with_the_write() {
    let guarded = |interaction: &mut Interaction| interaction.request.headers.append("if-match", "\"1\"");
    assert_eq!(created().op("Succeeded").change(guarded).found(), "?06");
    assert_eq!(created().change(guarded).op("Succeeded").found(), "");
    let cached = |interaction: &mut Interaction| interaction.request.headers.append("if-none-match", "\"1\"");
    assert_eq!(created().op("Succeeded").res("Succeeded").change(cached).found(), "");
    assert_eq!(Tape::new().put("503").change(guarded).put("200").found(), "!05");
}

#[test]
pub(super) fn c07_a_refused_write_has_no_operation() {
    let refused = "400 +AAO\n{\"error\":{\"code\":\"Bad\",\"message\":\"m\"}}";
    assert_eq!(Tape::new().put(refused).failure("Bad m").found(), "");
    assert_eq!(Tape::new().put(refused).get(OP, "404").found(), "!07");
    assert_eq!(Tape::new().put(refused).success().found(), "!07");
    // A look at the resource.
    assert_eq!(Tape::new().put(refused).get(R, "404").failure("Bad m").found(), "");
    // Gone already.
    assert_eq!(Tape::new().ask("DELETE", R, "404").success().found(), "");
}
