use std::time::Duration;

use http::{Method, StatusCode};

use super::*;
use crate::{
    client::OutcomeKind,
    simulate::scenario::{Case, Draw, Expected, Pace, Places, run_virtually, settings},
};

const ID: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a";

/// A create at a status monitor, with a look-up before it.
fn tape() -> Cassette {
    let monitor = "https://management.azure.com/subscriptions/s/operations/1?api-version=2020-01-01";
    let json = |value: &str| serde_json::json!({"json": serde_json::from_str::<serde_json::Value>(value).unwrap()});
    let exchange = |method: &str, target: &str, status: u16, headers: serde_json::Value, body: &str| {
        let mut exchange = serde_json::json!({
            "request": {"method": method, "target": target, "scheme": "https", "authority": "management.azure.com"},
            "response": {"status": status, "headers": headers, "body": json(body)},
        });
        if method == "PUT" {
            exchange["request"]["body"] = json(r#"{"location": "westus", "properties": {"size": 1}}"#);
        }
        exchange
    };
    let thing = format!("{ID}?api-version=2020-01-01");
    let body = |word: &str| format!(r#"{{"id": "{ID}", "properties": {{"size": 1, "provisioningState": "{word}"}}}}"#);
    let interactions = [
        exchange("GET", "/subscriptions/s/resourceGroups/g?api-version=2020-01-01", 200, serde_json::json!({}), "{}"),
        exchange(
            "PUT",
            &thing,
            201,
            serde_json::json!({"azure-asyncoperation": monitor, "retry-after": "2", "x-own": "kept"}),
            &body("Accepted"),
        ),
        exchange(
            "GET",
            monitor.trim_start_matches("https://management.azure.com"),
            200,
            serde_json::json!({"azure-asyncoperation": monitor}),
            r#"{"status": "Baking"}"#,
        ),
        exchange(
            "GET",
            monitor.trim_start_matches("https://management.azure.com"),
            200,
            serde_json::json!({}),
            r#"{"status": "Succeeded"}"#,
        ),
        exchange("GET", &thing, 200, serde_json::json!({}), &body("Succeeded")),
    ];
    let text = serde_json::json!({"armtape": 1, "interactions": interactions}).to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tape.json");
    std::fs::write(&file, text).unwrap();
    Cassette::load(&file).unwrap()
}

#[test]
fn an_operation_is_played_as_it_was_recorded() {
    let taped = taped(&tape(), 1).played;
    assert_eq!((taped.len(), taped[0].subject.id.as_str()), (1, ID));
    let recorded = &taped[0].scenarios[0];
    assert_eq!((recorded.name().as_str(), &recorded.truth.right), ("FROM-1:recorded", &vec![Expected::Success]));
    let write = &recorded.answers(Target::Write)[0];
    assert_eq!((write.links.len(), &write.headers[..]), (1, &[("x-own".to_owned(), "kept".to_owned())][..]));
    assert!(recorded.bodies.values().any(|body| body.contains(r#""revision":"${proof}""#)), "{recorded:?}");
}

#[test]
fn the_reference_client_comes_to_the_truth_of_every_variant() {
    let taped = taped(&tape(), 1).played;
    let names: Vec<_> = taped[0].scenarios.iter().map(|scenario| scenario.variant.as_str()).collect();
    assert!(names.len() > 15, "{names:?}");
    for scenario in &taped[0].scenarios {
        let case = Case {
            scenario: scenario.clone(),
            draw: Draw::new(1),
            subjects: vec![taped[0].subject.clone()],
            places: Places::default(),
            pace: Pace::AS_WRITTEN,
        };
        let settings = settings(&case, Duration::from_secs(1));
        let ran = run_virtually(case, &settings);
        let kind = ran.outcomes[0].as_ref().unwrap().kind;
        let fits = scenario.truth.right.iter().any(|right| match right {
            Expected::Success => kind == OutcomeKind::Succeeded,
            Expected::Failure { .. } => kind == OutcomeKind::Failed,
            Expected::Canceled => kind == OutcomeKind::Canceled,
            _ => true,
        });
        assert!(fits, "{}: {kind:?} and not {:?}", scenario.name(), scenario.truth.right);
    }
}

#[test]
fn the_rest_of_the_tape_answers_look_ups() {
    let look_ups = LookUps::of(&tape());
    let group = "/SUBSCRIPTIONS/s/resourceGroups/g?api-version=2020-01-01";
    assert_eq!(look_ups.answer(&Method::GET, group).unwrap().status(), StatusCode::OK);
    assert!(look_ups.answer(&Method::GET, "/subscriptions/s?api-version=2020-01-01").is_none());
    assert!(look_ups.answer(&Method::DELETE, group).is_none());
}

/// Four operations whose URLs have each a form of their own.
fn forms() -> Vec<Taped> {
    taped(&Cassette::load(std::path::Path::new("tests/tapes/forms.json")).unwrap(), 1).played
}

/// What the reference client asks and is answered in a service, with the host left out.
fn ran(taped: &Taped, variant: &str) -> Cassette {
    let scenario = taped.scenarios.iter().find(|scenario| scenario.variant == variant).unwrap().clone();
    let case = Case {
        scenario,
        draw: Draw::new(1),
        subjects: vec![taped.subject.clone()],
        places: Places::default(),
        pace: Pace::AS_WRITTEN,
    };
    let settings = settings(&case, Duration::from_secs(1));
    run_virtually(case, &settings).trace
}

#[test]
fn a_url_keeps_its_form_and_nothing_of_its_values() {
    let asked = |taped: &Taped| {
        let targets = ran(taped, "recorded").interactions.into_iter().map(|exchange| exchange.request.target);
        targets.collect::<Vec<_>>().join("\n")
    };
    let told = forms()[..4].iter().map(asked).collect::<Vec<_>>().join("\n\n");
    let told = told.replace("/subscriptions/7f3c0d52-9b1e-4a67-8c40-2d5e6f7a8b90", "");
    insta::assert_snapshot!(told, @r"
    /resourceGroups/Forms/providers/Microsoft.Test/things/signed?api-version=2023-04-01
    /providers/Microsoft.Test/locations/WESTUS2/operationStatuses/3f4a4f4c-23ff-7b0c-4b5c-8b5d7a1b0e6c*0C1F26DA701CC619F7F02999A3410707?api-version=2023-04-01&t=846613397437986339&c=ZBDXyzWEQr-dZpRLKnELZwW~9sQ&s=y_-a%2Fu%2b9g1B==&h=Gb7dXz4pFk2
    /providers/Microsoft.Test/locations/westus2/operationStatuses/3f4a4f4c-23ff-7b0c-4b5c-8b5d7a1b0e6c*0C1F26DA701CC619F7F02999A3410707?api-version=2023-04-01&t=123955543062265457&c=LMNPupWYDt-tPuDKRzVWOjA~9tE&s=l_-s%2Ff%2b5k2W==&h=Oj3mWv5wDp3
    /providers/Microsoft.Test/locations/westus2/operationStatuses/3f4a4f4c-23ff-7b0c-4b5c-8b5d7a1b0e6c*0C1F26DA701CC619F7F02999A3410707?api-version=2023-04-01&t=645471967387971940&c=XREOwjVQLk-eOvTRZbFZRsN~7cS&s=v_-i%2Ft%2b1l8R==&h=Bn3kZl7kTi1
    /resourceGroups/Forms/providers/Microsoft.Test/things/signed?api-version=2023-04-01

    /resourceGroups/Forms/providers/Microsoft.Test/fleets/one?api-version=2023-03-01
    /providers/Microsoft.Test/locations/westus2/operations/f2d7d396-ae34-8dfe-4ceb-58459c92a11c?p=0b4a7e51-02e3-4e4d-9f5f-9c9f7e1f9b8c&api-version=2022-12-01
    /providers/Microsoft.Test/locations/westus2/operations/f2d7d396-ae34-8dfe-4ceb-58459c92a11c?p=0b4a7e51-02e3-4e4d-9f5f-9c9f7e1f9b8c&api-version=2022-12-01

    /resourceGroups/Forms/providers/Microsoft.Test/zones/example.org?api-version=2018-09-01
    /resourcegroups/forms/providers/microsoft.test/zoneOperationResults/NhAvkrBMjhRZs5xaP83uYYQfmDaatohXrYXtghB4TNH9RN1zBLC2QPCsKKW8EUSlUROqIk==?api-version=2018-09-01
    /resourcegroups/forms/providers/microsoft.test/zoneOperationResults/NhAvkrBMjhRZs5xaP83uYYQfmDaatohXrYXtghB4TNH9RN1zBLC2QPCsKKW8EUSlUROqIk==?api-version=2018-09-01

    /resourceGroups/Forms/providers/Microsoft.CustomerInsights/hubs/hub1/profiles/Person?api-version=2017-04-26
    /resourceGroups/Forms/providers/Microsoft.CustomerInsights/hubs/hub1/profiles/Person/operations/4aefd515bc246ca8a5ad8d2df74152b8?api-version=2017-04-26
    /resourceGroups/Forms/providers/Microsoft.CustomerInsights/hubs/hub1/profiles/Person/operations/4aefd515bc246ca8a5ad8d2df74152b8?api-version=2017-04-26
    ");
}

#[test]
fn a_body_names_the_operation_as_its_url_does() {
    let trace = ran(&forms()[0], "recorded");
    let poll = &trace.interactions[1];
    let body = poll.response.as_ref().unwrap().body.bytes().unwrap();
    let status: Value = serde_json::from_slice(&body).unwrap();
    let name = status["name"].as_str().unwrap();
    assert!(poll.request.target.contains(&format!("/operationStatuses/{name}?")), "{status} {}", poll.request.target);
    assert_eq!(status["status"], "Moving");
    let written = trace.interactions[0].response.as_ref().unwrap();
    assert_eq!(written.headers.get("x-ms-providerhub-traffic"), Some("True"));
}

#[test]
fn a_header_that_was_there_twice_is_there_twice() {
    let mut tape = tape();
    tape.interactions[1].response.as_mut().unwrap().headers.append("x-own", "twice");
    let trace = ran(&taped(&tape, 1).played[0], "recorded");
    assert_eq!(trace.interactions[0].response.as_ref().unwrap().headers.get_all("x-own"), ["kept", "twice"]);
}

#[test]
fn a_profile_is_written_with_other_bodies_and_shown_with_them() {
    let taped = forms();
    let names: Vec<_> = taped[4..].iter().map(|taped| taped.scenarios[0].name()).collect();
    assert_eq!(names.first().map(String::as_str), Some("FROM-4:valid-1"));
    assert_eq!(names.last().map(String::as_str), Some("FROM-4:invalid-4"));
    for taped in &taped[4..] {
        let variant = taped.scenarios[0].variant.clone();
        let trace = ran(taped, &variant);
        let last = trace.interactions.last().unwrap().response.as_ref().unwrap();
        let shown: Value = serde_json::from_slice(&last.body.bytes().unwrap()).unwrap();
        if variant.starts_with("invalid") {
            assert_eq!((trace.interactions.len(), last.status), (1, 400), "{variant}");
            assert!(shown["error"]["code"].as_str().unwrap().starts_with("InvalidRequestContent"), "{shown}");
            continue;
        }
        let own = &shown["properties"];
        assert_eq!((&own["tenantId"], &own["provisioningState"]), (&"hub1".into(), &"Succeeded".into()), "{shown}");
        for (key, sent) in taped.subject.body["properties"].as_object().unwrap() {
            assert!(key == "provisioningState" || own[key] == *sent, "{variant}: {key}: {shown}");
        }
    }
}

#[test]
fn what_no_service_can_be_made_of_is_told() {
    let mut tape = tape();
    let text = |tapes: &Tapes| {
        let told =
            |left: &LeftOut| format!("{}: {}: {}: {}", left.interaction, left.asked, left.reason, left.reason.remedy());
        tapes.left_out.iter().map(told).collect::<Vec<_>>().join("\n")
    };
    let whole = tape.interactions.clone();
    tape.interactions.truncate(3);
    insta::assert_snapshot!(text(&taped(&tape, 1)), @"1: PUT things/a: the tape ends while it runs: record it again, until the client has seen the end");
    tape.interactions = whole[..2].to_vec();
    let answer = tape.interactions[1].response.as_mut().unwrap();
    answer.headers.set("azure-asyncoperation", "Sanitized");
    answer.status = 202;
    insta::assert_snapshot!(text(&taped(&tape, 1)), @"1: PUT things/a: what stands for its polling URL is no URL (`azure-asyncoperation: Sanitized`): record it again without replacing URLs; `armtape record` keeps their form");
}
