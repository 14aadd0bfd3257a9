//! `armtape demo`: the whole story, with nothing but the binary.

use crate::harness::{Harness, shows};

#[test]
fn the_story() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["demo"]), @"
    exit 0
    ----- stdout
    A client creates a Customer Insights profile and then updates it. It believes that it talks
    to https://management.azure.com; what answers is a service inside this binary.

    1. Record it.
       $ armtape record --cassette demo.json --upstream embedded -- armtape client --body create.json --body update.json
       armtape: 4 interactions on demo.json (new)
       armtape: exit 0, the client's own

    2. What is on the tape: not a list of requests, but operations.
       PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-04-26
         PUT 202 → 1 × 202 Provisioning (1 s) → 200 Succeeded
         polled by location

       of no operation
         PUT 200 /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-04-26

    3. Replay it. The service is gone, nothing leaves this machine, nobody waits.
       $ armtape replay demo.json -- armtape client --body create.json --body update.json
       armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-04-26 (interaction 1)
       armtape: 3 requests answered from the tape, 0 missing
       armtape: exit 0, the client's own

    Recorded in [TIME] ms, replayed in [TIME] ms.

    Now with your own client:
       armtape record -- CLIENT ...          against your subscription; docs/azure.md says how
       armtape record --upstream embedded -- CLIENT ...     against the service in this binary
       armtape replay cassettes/NAME.json -- CLIENT ...     offline, in CI
    ");
    harness.left_nothing();
}

#[test]
fn the_tape_of_the_story_can_be_kept() {
    let harness = Harness::new();
    let ran = harness.armtape(&["demo", "--keep", "kept"]).ends_with(0);
    assert!(ran.stdout.ends_with("The tape is kept/demo.json.\n"), "{ran}");
    let client = r#""$BIN" client --body kept/create.json --body kept/update.json"#;
    harness.around(&["replay", "kept/demo.json"], client).ends_with(0);
}
