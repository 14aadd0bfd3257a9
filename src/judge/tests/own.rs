//! The rules of our own.

use super::*;

#[test]
fn body_01_the_body_that_was_meant() {
    let meant = |text: &'static str| move |knobs: &mut Knobs| knobs.intended = Some(text.into());
    assert_eq!(Tape::new().put("200").knobs(meant("{ \"properties\": {\"size\": 1.0} }")).found(), "");
    assert_eq!(
        Tape::new().put("200").knobs(meant("{\"properties\":{\"size\":1,\"policy\":null}}")).found(),
        "!BODY-01"
    );
    assert_eq!(Tape::new().put("200").knobs(meant("{\"properties\":{}}")).found(), "!BODY-01");
    assert_eq!(Tape::new().put("200").knobs(meant("not json")).found(), "!BODY-01");
}

#[test]
fn body_03_a_state_that_has_passed() {
    let state = |word: &str| {
        let body = format!("{{\"properties\":{{\"provisioningState\":\"{word}\"}}}}");
        Tape::new().put("200").change(|interaction| interaction.request.body = Body::from_bytes(body.into())).found()
    };
    assert_eq!(state("Updating"), "?BODY-03");
    assert_eq!(state("Succeeded"), "");
}

#[test]
fn id_01_a_new_call_has_a_new_id() {
    let named = |interaction: &mut Interaction| {
        interaction.request.headers.append("x-ms-client-request-id", "5d6e3f40-9a3b-4a8f-9d7e-0a1b2c3d4e5f");
    };
    let other = |interaction: &mut Interaction| {
        named(interaction);
        interaction.request.body = Body::from_bytes("{}".into());
    };
    assert_eq!(Tape::new().put("503").change(named).put("200").change(named).found(), "", "a retry keeps it");
    assert_eq!(Tape::new().put("200").change(named).put("200").change(other).found(), "!ID-01");
}
