//! Clients that are led to another host than the one that they were given.

use crate::harness::Harness;

/// The tape of the harness, polled at a region's own host, which has something to read as well.
fn polled_elsewhere() -> Harness {
    let harness = Harness::with_tape();
    let mut tape: serde_json::Value = serde_json::from_str(&harness.read("tape.json")).unwrap();
    for interaction in tape["interactions"].as_array_mut().unwrap() {
        if interaction["request"]["method"] == "GET" {
            interaction["request"]["authority"] = "westus.management.azure.com".into();
        }
        if let Some(location) = interaction["response"]["headers"].get_mut("location") {
            let url = location.as_str().unwrap().replace("https://", "https://westus.");
            *location = url.into();
        }
    }
    let read = serde_json::json!({
        "request": {
            "method": "GET", "target": "/region?api-version=1", "scheme": "https", "authority": "westus.management.azure.com"
        },
        "response": {"status": 204},
    });
    tape["interactions"].as_array_mut().unwrap().push(read);
    harness.write("tape.json", serde_json::to_string_pretty(&tape).unwrap());
    harness
}

/// Writes at an endpoint; says where to poll and what is answered there; what there is to read at that
/// host, and at the endpoint itself.
const POLL: &str = r#"
    LOCATION=$(curl -sS -o /dev/null -w '%header{location}' -X PUT -d @body.json "$AT$RESOURCE?api-version=1")
    echo "$LOCATION"
    curl -sS -o /dev/null -w '%{http_code} %header{location}\n' "$LOCATION"
    curl -sS -o /dev/null -w '%{http_code}\n' "$LOCATION"
    curl -sS -o /dev/null -w '%{http_code}\n' "${LOCATION%/subscriptions/*}/region?api-version=1"
    curl -sS -o /dev/null -w '%{http_code}\n' "$AT/region?api-version=1""#;

#[test]
fn a_foreign_host_stays_foreign_at_an_endpoint() {
    let harness = polled_elsewhere();
    for (endpoint, wire) in [("$ARMTAPE_ENDPOINT", "https"), ("$ARMTAPE_PROXY", "http")] {
        let ran = harness.around(&["replay", "--polls", "1", "tape.json"], &format!("AT={endpoint}{POLL}"));
        let lines: Vec<&str> = ran.stdout.lines().collect();
        let [location, running, ended, read, at_the_endpoint] = lines[..] else { panic!("{ran}") };
        assert!(location.starts_with(&format!("{wire}://127.0.0.2:")), "{ran}");
        assert!(location.ends_with("/subscriptions/s/operations/1?api-version=1"), "{ran}");
        assert_eq!((ended, read, at_the_endpoint), ("200", "204", "501"), "{ran}");
        assert_eq!(running, format!("202 {location}"), "{ran}");
    }
}

#[test]
fn a_foreign_host_keeps_its_name_through_the_proxy() {
    let ran = polled_elsewhere()
        .around(&["replay", "--polls", "1", "tape.json"], &format!("AT=https://management.azure.com{POLL}"));
    let expected = "https://westus.management.azure.com/subscriptions/s/operations/1?api-version=1";
    assert_eq!(ran.stdout, format!("{expected}\n202 {expected}\n200\n204\n501\n"), "{ran}");
}

/// A list whose second page is at another host; of that one its client asked nothing, unless `asked`.
fn list_elsewhere(asked: bool) -> Harness {
    let harness = Harness::new();
    let read = |authority: &str, target: &str, body: serde_json::Value| {
        serde_json::json!({
            "request": {"method": "GET", "target": target, "scheme": "https", "authority": authority},
            "response": {"status": 200, "headers": {"content-type": "application/json"}, "body": {"json": body}},
        })
    };
    let next = "https://westus.management.azure.com/things?page=2";
    let mut interactions = vec![read("management.azure.com", "/things?page=1", serde_json::json!({"nextLink": next}))];
    if asked {
        interactions.push(read("westus.management.azure.com", "/things?page=2", serde_json::json!({"value": [2]})));
    }
    let tape = serde_json::json!({"armtape": 1, "interactions": interactions});
    harness.write("tape.json", format!("{tape:#}\n"));
    harness
}

#[test]
fn the_next_page_at_another_host() {
    let script = r#"NEXT=$(curl -sS "$ARMTAPE_ENDPOINT/things?page=1" | tr -d '\n' | sed 's/.*\(https:[^"]*\)".*/\1/')
        curl -sS -o answer.json -w "$NEXT %{http_code}" "$NEXT""#;
    for (asked, status) in [(true, "200"), (false, "501")] {
        let harness = list_elsewhere(asked);
        let ran = harness.around(&["replay", "tape.json"], script);
        let (next, answered) = ran.stdout.split_once(' ').unwrap();
        assert!(next.starts_with("https://127.0.0.2:") && next.ends_with("/things?page=2"), "{ran}");
        assert_eq!(answered, status, "{ran}");
        let missing = ran.stderr.contains("missing from the tape: GET westus.management.azure.com/things?page=2");
        assert_eq!(missing, !asked, "{ran}");
    }
}
