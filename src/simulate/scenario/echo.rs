//! The resource in a recorded answer, where the client has sent something else than the recorded client.

use serde_json::{Map, Value};

/// What the service says of itself, whatever the client sends.
const OWN: [&str; 4] = ["id", "name", "type", "provisioningState"];

/// `shown`, a recorded answer, with what `sent` says in the place of what `taped` said. What the service
/// added of its own stays. `None` where there is nothing to change: the recorded text is the answer then.
pub(super) fn echoed(shown: &str, taped: &Value, sent: &Value) -> Option<String> {
    let (Value::Object(taped), Value::Object(sent)) = (taped, sent) else { return None };
    let Ok(Value::Object(mut resource)) = serde_json::from_str(shown) else { return None };
    if taped == sent || !resource.contains_key("id") {
        return None;
    }
    echo(&mut resource, taped, sent);
    Some(Value::from(resource).to_string())
}

fn echo(shown: &mut Map<String, Value>, taped: &Map<String, Value>, sent: &Map<String, Value>) {
    let is_own = |key: &str| OWN.contains(&key);
    for (key, before) in taped.iter().filter(|(key, _)| !is_own(key)) {
        match (shown.get_mut(key), before, sent.get(key)) {
            // What was sent and never shown is a secret, or of no interest.
            (None, _, _) => {}
            (Some(Value::Object(shown)), Value::Object(taped), Some(Value::Object(sent))) => echo(shown, taped, sent),
            (Some(shown), _, Some(sent)) => shown.clone_from(sent),
            (Some(_), _, None) => drop(shown.shift_remove(key)),
        }
    }
    for (key, value) in sent.iter().filter(|(key, _)| !is_own(key) && !taped.contains_key(*key)) {
        shown.insert(key.clone(), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_sent_is_shown_and_what_the_service_adds_stays() {
        let taped = json!({"location": "a", "tags": {"x": "1"}, "properties": {"size": 1, "gone": 2, "secret": 3}});
        let shown = r#"{"id": "/x", "etag": "7", "location": "a", "tags": {"x": "1"},
            "properties": {"provisioningState": "Creating", "size": 1, "gone": 2, "revision": "r", "count": 0}}"#;
        let sent = json!({"location": "b", "tags": null,
            "properties": {"size": [1], "secret": 4, "new": null, "provisioningState": "Succeeded"}});
        insta::assert_snapshot!(echoed(shown, &taped, &sent).unwrap(), @r#"{"id":"/x","etag":"7","location":"b","tags":null,"properties":{"provisioningState":"Creating","size":[1],"revision":"r","count":0,"new":null}}"#);
        assert_eq!(echoed(shown, &taped, &taped), None);
        assert_eq!(echoed(r#"{"status": "Running"}"#, &taped, &sent), None, "no resource");
        assert_eq!(echoed(shown, &taped, &Value::Null), None);
    }
}
