//! LRO-C-08 to 14.

use super::*;

#[test]
pub(super) fn c08_what_to_poll() {
    let both = || Tape::new().put(&answer("201 +AAO +LOC", "Creating"));
    assert_eq!(both().op("Succeeded").found(), "");
    assert_eq!(both().get(LOC, "200\n{}").found(), "!08");
    assert_eq!(both().get(LOC, "202").op("Succeeded").found(), "!08", "Location first");
    assert_eq!(accepted("PUT").get(R, "404").get(R, &resource(200, "Succeeded")).success().found(), "!08");
    assert_eq!(accepted("PUT").get(R, &resource(200, "Succeeded")).found(), "?08", "on a tape");
    // A DELETE is verified by reads until the resource is gone.
    assert_eq!(accepted("DELETE").get(R, "200\n{}").get(R, "404").success().found(), "");
    // The resource between two polls; after the end; Location ignored beside a 201.
    assert_eq!(created().op("Running").res("Creating").op("Succeeded").found(), "");
    assert_eq!(Tape::new().put(&answer("201 +LOC", "Creating")).res("Succeeded").found(), "");
    // .NET on a PATCH that was answered 200; a complete answer.
    assert_eq!(Tape::new().ask("PATCH", R, &answer("200 +AAO", "Updating")).res("Succeeded").found(), "");
    assert_eq!(Tape::new().put(&answer("201 +AAO", "Succeeded")).res("Succeeded").found(), "");
    //
    let two = format!("201 +AAO Operation-Location:{HOST}/subscriptions/s/ops/2?api-version=2024-01-01");
    let there = "/subscriptions/s/ops/2?api-version=2024-01-01";
    assert_eq!(Tape::new().put(&answer(&two, "Creating")).get(there, "200\n{\"status\":\"Succeeded\"}").found(), "");
    // Operation-Location is not ARM's.
    assert_eq!(Tape::new().put(&answer("201 +OPL", "Creating")).res("Succeeded").found(), "?08");
}

#[test]
pub(super) fn c09_and_c10_no_header() {
    let creating = || Tape::new().put(&resource(201, "Creating"));
    assert_eq!(creating().res("Creating").res("Succeeded").success().found(), "");
    assert_eq!(creating().success().found(), "!09");
    assert_eq!(creating().res("Creating").success().found(), "!09 !32");
    let list = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Widgets/widgets?api-version=2024-01-01";
    assert!(!creating().get(list, "200\n{\"value\":[]}").success().found().contains("09"));

    let done = |state: &str| Tape::new().put(&resource(200, state));
    assert_eq!(done("Succeeded").success().found(), "");
    assert_eq!(done("Succeeded").res("Succeeded").success().found(), "");
    assert_eq!(done("Succeeded").failure("").found(), "!10");
    assert_eq!(Tape::new().put("200\n{\"id\":\"x\"}").res("Succeeded").stopped().found(), "!10");
    // a 201 without a state is complete, or read until it is.
    let bare = || Tape::new().put("201\n{\"id\":\"x\"}");
    assert_eq!(bare().success().found(), "");
    assert_eq!(bare().res("Creating").res("Succeeded").success().found(), "");
}

#[test]
pub(super) fn c11_a_header_on_a_200() {
    let of = |head: &str, state: &str| Tape::new().put(&answer(head, state)).success().found();
    assert_eq!(of("200 +AAO", "Updating"), "!11");
    assert_eq!(of("200 +AAO", "Succeeded"), "", "A-04");
    let stateless = || Tape::new().put("200 +AAO\n{\"id\":\"x\"}");
    assert_eq!(stateless().success().found(), "?11", "Java");
    // The read to show what was made is no poll, whatever it tells.
    assert_eq!(stateless().res("Updating").success().found(), "?11");
    assert_eq!(Tape::new().put(&answer("201 +AAO", "Succeeded")).res("Creating").success().found(), "", "A-04");
    assert_eq!(Tape::new().put("204 +AAO").res("Creating").success().found(), "", "a 204 is an end, too");
    assert_eq!(Tape::new().put(&answer("201 +AAO", "Creating")).res("Creating").success().found(), "!08 !32");
}

#[test]
pub(super) fn c12_failed_at_once() {
    assert_eq!(Tape::new().put(&resource(201, "Failed")).success().found(), "!12");
    assert_eq!(Tape::new().put(&resource(201, "Canceled")).success().found(), "!12");
    assert_eq!(Tape::new().put(&resource(201, "Failed")).failure("").found(), "");
}

#[test]
pub(super) fn c13_a_202_is_not_the_end() {
    assert_eq!(accepted("PUT").success().found(), "!13");
    assert_eq!(Tape::new().ask("DELETE", R, "202").success().found(), "?13");
    assert_eq!(Tape::new().put("202").res("Succeeded").success().found(), "");
    assert_eq!(Tape::new().ask("POST", R, "202").failure("").found(), "");
}

#[test]
pub(super) fn c14_empty_ends() {
    assert_eq!(accepted("DELETE").get(LOC, "204").success().found(), "");
    assert_eq!(accepted("PUT").get(LOC, "204").res("Succeeded").success().found(), "", "read for the resource");
    assert_eq!(accepted("DELETE").get(LOC, "204").failure("").found(), "!14");
    assert_eq!(accepted("POST").get(LOC, "200").failure("").found(), "!14 !38");
    assert_eq!(Tape::new().ask("DELETE", R, "204").stopped().found(), "!14");
    // Outside of the contract.
    assert_eq!(Tape::new().put("204").failure("").found(), "");
}
