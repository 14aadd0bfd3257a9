//! Stand-ins that a tape has already keep their names; and what is known late.

use super::{super::*, Said, text};
use crate::{
    arm::same_facts,
    cassette::{Cassette, Cleared as _},
};

fn redactor() -> Redactor {
    Redactor::new(Rules::new(&Settings::default()).unwrap(), Named::default())
}

/// What a recorder has in its hands when its client has ended.
fn recorded(said: &[Said<'_>]) -> (Redactor, Cassette) {
    let redactor = redactor();
    let interactions = said.iter().map(|said| redactor.exchange(0, said.raw()).into_inner()).collect();
    (redactor, Cassette { interactions, ..Cassette::default() })
}

fn first(said: &[Said<'_>]) -> Cassette {
    let (redactor, cassette) = recorded(said);
    redactor.finish(cassette).0
}

fn again(said: &[Said<'_>], accepted: &Cassette) -> Cassette {
    let (redactor, cassette) = recorded(said);
    redactor.finish_again(cassette, accepted).0
}

fn put<'a>(target: &'a str, sent: &'a str) -> Said<'a> {
    Said { target, sent, ..Said::default() }
}

fn sent(cassette: &Cassette) -> Vec<String> {
    cassette.interactions.iter().map(|interaction| text(&interaction.request.body)).collect()
}

const A: &str = "/subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/providers/P/things/a?api-version=1";
const B: &str = "/subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/providers/P/things/b?api-version=1";
const C: &str = "/subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/providers/P/things/c?api-version=1";

#[test]
fn a_value_more_or_less_moves_no_other_stand_in() {
    let (a, b) = (r#"{"password":"hunter2!"}"#, r#"{"password":"swordfish","pin":4711}"#);
    let accepted = first(&[put(A, a), put(B, b)]);
    let more = r#"{"adminPassword":"correct horse","password":"other2!"}"#;
    let grown = again(&[put(A, more), put(B, r#"{"password":"sturgeon!","pin":8080}"#)], &accepted);
    assert_eq!(sent(&grown)[1], sent(&accepted)[1]);
    insta::assert_snapshot!(sent(&grown)[0], @r#"{"adminPassword":"armtape-Password_000004AAAAAAAAA","password":"armtape-Password_000001AAAAAAAAA"}"#);
    let shrunk = again(&[put(A, "{}"), put(B, b)], &accepted);
    assert_eq!(sent(&shrunk)[1], sent(&accepted)[1]);
    assert!(!same_facts(&accepted, &grown) && !same_facts(&accepted, &shrunk));
    // Its list has no gap for who reads it, and none is filled when it is redacted again.
    let (redacted, ..) = cassette(shrunk.clone(), Rules::new(&Settings::default()).unwrap(), Named::default());
    assert_eq!(redacted.to_text(), shrunk.to_text());
    // What is new gets no name that means something else.
    let replaced = again(&[put(C, r#"{"password":"quite another"}"#), put(B, b)], &shrunk);
    assert_eq!(sent(&replaced)[1], sent(&accepted)[1]);
}

#[test]
fn acts_in_another_order_keep_their_stand_ins() {
    let (a, b) = (r#"{"password":"hunter2!"}"#, r#"{"password":"swordfish"}"#);
    let accepted = first(&[put(B, b), put(A, a)]);
    let turned = again(&[put(A, r#"{"password":"x2!x2!x2!"}"#), put(B, r#"{"password":"y3?y3?y3?"}"#)], &accepted);
    assert!(same_facts(&accepted, &turned));
    assert_eq!(turned.stand_ins, accepted.stand_ins);
}

/// Each poll is handed a signature of its own, so that their number is the number of secrets.
#[test]
fn more_polls_with_more_signatures_change_nothing() {
    let polled = |polls: usize, secret: &str| {
        let operation = |at: usize| {
            format!(
                "/subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/operations/e40cff6d?api-version=1&t=6385264767412345{at}&c=MII{secret}{at}&s=k_L{secret}{at}&h=vw{secret}{at}"
            )
        };
        let (targets, urls): (Vec<_>, Vec<_>) =
            (0..=polls).map(|at| (operation(at), format!("https://management.azure.com{}", operation(at)))).unzip();
        let headers: Vec<_> = urls.iter().map(|url| [("location", url.as_str())]).collect();
        let mut said = vec![Said { status: 202, target: A, sent: "{}", response: &headers[0], ..Said::default() }];
        for at in 0..polls {
            let response = &headers[at + 1];
            said.push(Said { method: "GET", status: 202, target: &targets[at], response, ..Said::default() });
        }
        said.push(Said { method: "GET", target: &targets[polls], answer: r#"{"by":"x"}"#, ..Said::default() });
        let mail = format!(r#"{{"sas":"?sv=1&sig={secret}abc","mail":"{secret}@lovelace.org"}}"#);
        said.push(Said { target: B, sent: &mail, ..Said::default() });
        recorded(&said)
    };
    let (redactor, cassette) = polled(1, "aaaaaaaa");
    let accepted = redactor.finish(cassette).0;
    let (redactor, cassette) = polled(5, "bbbbbbbb");
    let again = redactor.finish_again(cassette, &accepted).0;
    assert_eq!(sent(&again).last(), sent(&accepted).last());
    assert!(same_facts(&accepted, &again));
}

#[test]
fn what_is_added_to_a_tape_speaks_its_words() {
    let known = first(&[put(A, r#"{"password":"hunter2!","tenantId":"72f988bf-86f1-41af-91ab-2d7cd011db47"}"#)]);
    let own = "00c0ffee-5e55-4000-8000-000000000001";
    let [subscription, tenant, password] = [0, 1, 2].map(|place| known.stand_ins[place].value.as_str());
    let target = format!("/subscriptions/{own}/providers/P/things/new?api-version=1");
    // The tenant came out of the tape; the password is another one.
    let body = format!(r#"{{"password":"swordfish","tenantId":"{tenant}","note":"{own}"}}"#);
    let (redactor, cassette) = recorded(&[put(&target, &body)]);
    let bound = [(subscription.to_owned(), own.to_owned())];
    let both = redactor.finish_behind(known.clone(), &bound, cassette).0;
    assert_eq!(both.interactions[0].to_text(), known.interactions[0].to_text());
    assert_eq!(
        both.interactions[1].request.target,
        format!("/subscriptions/{subscription}/providers/P/things/new?api-version=1")
    );
    let next = "armtape-Password_000002AAAAAAAAA";
    assert_eq!(sent(&both)[1], format!(r#"{{"password":"{next}","tenantId":"{tenant}","note":"{subscription}"}}"#));
    let listed: Vec<_> = both.stand_ins.iter().map(|stand_in| stand_in.value.as_str()).collect();
    assert_eq!(listed, [subscription, tenant, password, next]);
    // A second client's value is another value.
    let other = "11c0ffee-5e55-4000-8000-000000000002";
    let (redactor, cassette) = recorded(&[put(&target.replace(own, other), "{}")]);
    let bound = [own, other].map(|own| (subscription.to_owned(), own.to_owned()));
    let both = redactor.finish_behind(known.clone(), &bound, cassette).0;
    assert!(both.interactions[1].request.target.contains("00000001-0000-4000-8000-000000000002"));
}

#[test]
fn what_is_added_to_a_tape_that_was_never_redacted_hides_that_too() {
    let raw = |sent: &str| Cassette { interactions: vec![in_memory(put(A, sent).raw())], ..Cassette::default() };
    let (redactor, cassette) = recorded(&[put(B, "{}")]);
    let both = redactor.finish_behind(raw(r#"{"password":"hunter2!"}"#), &[], cassette).0;
    let text = both.to_text();
    assert!(!text.contains("hunter2") && !text.contains("5a19f233"), "{text}");
    assert_eq!(both.interactions.len(), 2);
}

#[test]
fn what_is_named_late_is_found_where_it_was_mentioned() {
    let redactor = redactor();
    let mut earlier = redactor.exchange(0, put(A, r#"{"note":"aHVudGVyMiEhIGlzIGl0","other":"hunter2!!"}"#).raw());
    assert!(redactor.late().is_none());
    assert!(text(&earlier.interaction().request.body).contains("hunter2"));
    // In the same body it is found at once.
    let now = redactor.exchange(1, put(B, r#"{"note":"it is hunter2!!","password":"hunter2!!"}"#).raw());
    assert!(!text(&now.interaction().request.body).contains("hunter2"), "{now:?}");
    let late = redactor.late().unwrap();
    assert!(redactor.late().is_none());
    assert!(redactor.again(&late, &mut earlier) && !redactor.again(&late, &mut earlier));
    let body = text(&earlier.interaction().request.body);
    assert!(!body.contains("hunter2") && !body.contains("aHVudGVyMiEh"), "{body}");
    // What nobody mentioned is not late.
    let _ = redactor.exchange(2, put(B, r#"{"password":"swordfish!"}"#).raw());
    assert!(redactor.late().is_none());
}

#[test]
fn numbers_of_two_kinds_never_look_alike() {
    let tape = first(&[put(A, r#"{"pin":4711,"token":4712,"password":"x","accessToken":4712}"#)]);
    assert_eq!(
        sent(&tape),
        [
            r#"{"pin":908000001,"token":910000001,"password":"armtape-Password_000002AAAAAAAAA","accessToken":910000001}"#
        ]
    );
    let (again, ..) = cassette(tape.clone(), Rules::new(&Settings::default()).unwrap(), Named::default());
    assert_eq!(again.to_text(), tape.to_text());
}

#[test]
fn a_number_that_the_user_named_stays_a_stand_in() {
    let mut named = Named::default();
    named.secret("N", "470011").unwrap();
    let redactor = Redactor::new(Rules::new(&Settings::default()).unwrap(), named);
    let interactions = vec![redactor.exchange(0, put(A, r#"{"n":470011}"#).raw()).into_inner()];
    let (tape, _) = redactor.finish(Cassette { interactions, ..Cassette::default() });
    let (again, ..) = cassette(tape.clone(), Rules::new(&Settings::default()).unwrap(), Named::default());
    assert_eq!(again.to_text(), tape.to_text());
    assert!(tape.to_text().contains("912000001"));
}

#[test]
fn a_command_line_is_scanned_and_redacted() {
    let words = [
        "curl",
        "-H",
        "Cookie: a=b",
        "--subscription",
        "5a19f233-79ae-4b7e-855d-04bfcac8bf04",
        "q8Zr2LkT0vXc9BnM4sWd7EyH1uJa6GpF",
    ];
    let tape = Cassette { command: words.map(str::to_owned).into(), ..Cassette::default() };
    let rules = || Rules::new(&Settings::default()).unwrap();
    let (redacted, report, findings) = cassette(tape, rules(), Named::default());
    let found: Vec<_> = findings.iter().map(|found| format!("{} {}", found.place, found.rule)).collect();
    assert_eq!(found, ["command[2] header-credential", "command[4] subscription-name", "command[5] gate"]);
    assert_eq!(report.suspects.len(), 1);
    assert_eq!(
        redacted.command,
        [
            "curl",
            "-H",
            "Cookie: [redacted]",
            "--subscription",
            "00000001-0000-4000-8000-000000000001",
            "armtape-Suspect_000001AAAAAAAAAA"
        ]
    );
    let (again, _, findings) = cassette(redacted.clone(), rules(), Named::default());
    assert_eq!((again.to_text(), findings), (redacted.to_text(), Vec::new()));
}
