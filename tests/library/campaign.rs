//! A function of the test's own process, checked.

use std::{panic::catch_unwind, time::Duration};

use armtape::{
    check::{Ability, Campaign, Client, Function, Job, Judged, Plan, Runner, Settings},
    client::{Command, Https, HttpsSettings, OutcomeKind, ResultAt, Tokens, Transport as _, execute},
    judge::{Finding, Severity},
};
use http::Request;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// The reference client, as a function.
async fn reference(job: Job) -> Result<Value, String> {
    let command = Command {
        endpoint: job.endpoint.clone(),
        resource_id: job.resource_ids[0].clone(),
        api_version: job.api_version.clone(),
        method: job.operation.method(),
        body: job.body.clone(),
        headers: http::HeaderMap::new(),
        update: false,
        resume: None,
        interval: job.interval,
        timeout: job.timeout,
        trusted_hosts: job.trusted_hosts.clone(),
        result: ResultAt::default(),
        tokens: Tokens::none(),
        https: HttpsSettings { ca: Some(job.ca_file.clone()), ..HttpsSettings::default() },
    };
    let outcome = execute(command).await.map_err(|error| error.to_string())?;
    match outcome.kind {
        OutcomeKind::Succeeded => Ok(outcome.resource.unwrap_or_default()),
        _ => Err(format!("{}: {}", outcome.code.unwrap_or_default(), outcome.message)),
    }
}

#[tokio::test]
async fn a_campaign_of_a_function() {
    let checked = Campaign::new().scenarios("SC-00*").run(reference).await.unwrap();
    assert!(checked.cases.len() >= 8, "{checked}");
    checked.assert_clean();
}

#[tokio::test]
async fn a_campaign_that_finds_something() {
    // 202 is no end.
    let impatient = |job: Job| async move {
        let settings = HttpsSettings { ca: Some(job.ca_file.clone()), ..HttpsSettings::default() };
        let request = Request::put(job.url()).header("content-type", "application/json");
        let request = request.header("authorization", "Bearer t").body(job.body).unwrap();
        Https::new(&settings).unwrap().send(request).await.map(drop)
    };
    let checked = Campaign::new().scenarios("SC-007").run(impatient).await.unwrap();
    let panic = catch_unwind(|| checked.assert_clean()).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    insta::with_settings!({filters => [(r"Profile\w+", "PROFILE"), (r"\b\d+ ms\b", "N ms")]}, {
        insta::assert_snapshot!(text, @"
        violation: reports success after a 202 without a poll [LRO-C-13]
          expected: 202 means running. Without a URL to poll the client reports an error, or reads the resource (PUT, PATCH).
          SC-007 (put): the legacy create: 202 and a result URL
          PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/PROFILE?api-version=2017-04-26
            PUT 202
            not polled; offered: location
        1 of 1 cases judged, 0 scenarios skipped
        ");
    });
}

#[tokio::test]
async fn a_function_that_panics_has_crashed_in_that_case_alone() {
    let campaign = Campaign::new().scenarios("{SC-001,SC-003}");
    let checked = campaign.run(|job: Job| async move {
        assert_eq!(job.case, "SC-001", "only one of them");
        reference(job).await
    });
    let checked = checked.await.unwrap();
    let violates = |finding: &Finding| finding.severity == Severity::Violation;
    let is_clean = |judged: &&Judged| judged.nothing().is_none() && !judged.judgement.findings.iter().any(violates);
    let clean = checked.cases.iter().filter(is_clean);
    assert_eq!(clean.map(|judged| judged.case.scenario.name()).collect::<Vec<_>>(), ["SC-001"]);
    assert!(!checked.is_clean());
}

#[tokio::test]
async fn a_limit_may_be_as_long_as_it_likes() {
    let settings = Settings { timeout: Some(Duration::MAX), ..Settings::default() };
    let glob = globset::Glob::new("SC-001").unwrap().compile_matcher();
    let plan = Plan::new(&settings, Ability::of_jobs(), Some(&glob), &[]);
    let runner = Runner::new(settings, Client::Function(Function::new(reference)), 1).unwrap();
    let mut judged = 0;
    let told = |_, _| {
        judged += 1;
        true
    };
    runner.run(&plan, &CancellationToken::new(), told).await.unwrap();
    assert_eq!(judged, 1);
}

#[tokio::test]
async fn a_campaign_without_cases() {
    let run = |glob: &str| Campaign::new().scenarios(glob).run(|_| async { Ok::<_, String>(Value::Null) });
    assert_eq!(run("SC-9*").await.unwrap_err().to_string(), "there is no scenario to play");
    assert!(run("[").await.is_err());
}
