//! Normal flows and terminal failures: sections 4.1 and 4.2.

use super::check;

#[test]
fn normal_flows() {
    check(&[
        ("SC-001", "PUT: 200 {Succeeded}", "succeeded<PUT>: PUT@0"),
        ("SC-002", "PUT: 200 {-}", "succeeded<PUT>: PUT@0"),
        ("SC-003", "PUT: 201 {Succeeded}", "succeeded<PUT>: PUT@0"),
        (
            "SC-004",
            "PUT: 201 {Creating}
             RES: 200 {Creating} x2 | 200 {Succeeded}",
            "succeeded<RES>: PUT@0 RES@3 RES@6 RES@9",
        ),
        (
            "SC-005",
            "PUT: 201 {Creating} +AAO RA=10
             AAO: 200 {InProgress} x2 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@10 AAO@13 AAO@16 RES@16",
        ),
        (
            "SC-006",
            "PUT: 200 {Updating} +AAO
             AAO: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 RES@6",
        ),
        (
            "SC-007",
            "PUT: 202 +LOC RA=17
             LOC: 202 +LOC x2 | 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@17 LOC@20 LOC@23",
        ),
        (
            "SC-008",
            "PUT: 202 +LOC
             LOC: 202 | 201 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@3 LOC@6",
        ),
        (
            "SC-009",
            "PUT: 201 {Creating} +AAO +LOC
             AAO: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 RES@6",
        ),
        ("SC-010", "PATCH: 200 {Succeeded}", "succeeded<PATCH>: PATCH@0"),
        (
            "SC-011",
            "PATCH: 202 +LOC
             LOC: 202 | 200 {Succeeded}",
            "succeeded<LOC>: PATCH@0 LOC@3 LOC@6",
        ),
        (
            "SC-012",
            "PATCH: 202 +AAO +LOC
             AAO: 200 {Updating} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PATCH@0 AAO@3 AAO@6 RES@6",
        ),
        ("SC-013", "DELETE: 204", "succeeded: DELETE@0"),
        ("SC-014", "DELETE: 200", "succeeded: DELETE@0"),
        (
            "SC-015",
            "DELETE: 202 +LOC RA=10
             LOC: 202 +LOC | 204",
            "succeeded: DELETE@0 LOC@10 LOC@13",
        ),
        (
            "SC-016",
            "DELETE: 202 +AAO +LOC
             AAO: 200 {Deleting} | 200 {Succeeded}",
            "succeeded: DELETE@0 AAO@3 AAO@6",
        ),
        ("SC-017", "POST: 200 {-}", "succeeded<POST>: POST@0"),
        ("SC-017, a link", "POST: 200 {Running} +LOC", "succeeded<POST>: POST@0"),
        (
            "SC-018",
            "POST: 202 +LOC
             LOC: 202 | 204",
            "succeeded: POST@0 LOC@3 LOC@6",
        ),
        (
            "SC-019",
            "POST: 202 +AAO +LOC
             AAO: 200 {Running} | 200 {Succeeded}
             LOC: 200 {-}",
            "succeeded<LOC>: POST@0 AAO@3 AAO@6 LOC@6",
        ),
        (
            "SC-020",
            "with result=status
             POST: 202 +AAO +LOC
             AAO: 200 {Running} | 200 {Succeeded}",
            "succeeded<PROPERTIES>: POST@0 AAO@3 AAO@6",
        ),
        (
            "a PATCH whose result is at its Location",
            "with result=location
             PATCH: 202 +AAO +LOC
             AAO: 200 {Succeeded}
             LOC: 200 {Succeeded}",
            "succeeded<LOC>: PATCH@0 AAO@3 LOC@3",
        ),
        (
            "SC-021",
            "PUT: 202 {Provisioning} +LOC RA=0
             LOC: 202 RA=1 x2 | 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@0 LOC@1 LOC@2",
        ),
        (
            "SC-022",
            "with resume=AAO
             AAO: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: AAO@0 AAO@3 RES@3",
        ),
        (
            "SC-022 at Location",
            "with resume=LOC
             LOC: 202 RA=5 | 200 {Succeeded}
             RES: 200 {Updating} | 200 {Succeeded}",
            "succeeded<RES>: LOC@0 LOC@5 RES@5 RES@8",
        ),
    ]);
}

#[test]
fn terminal_failures() {
    check(&[
        (
            "SC-030",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Running} | 200 {Failed} !QuotaReached",
            "failed(QuotaReached): PUT@0 AAO@3 AAO@6",
        ),
        (
            "SC-031",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Canceled} !OperationCanceled",
            "canceled(OperationCanceled): PUT@0 AAO@3",
        ),
        (
            "SC-032",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Failed}",
            "failed: PUT@0 AAO@3",
        ),
        (
            "SC-033",
            "PUT: 201 {Creating}
             RES: 200 {Creating} | 200 {Failed}",
            "failed: PUT@0 RES@3 RES@6",
        ),
        (
            "SC-034",
            "PUT: 200 {Updating}
             RES: 200 {Updating} | 200 {Canceled}",
            "canceled: PUT@0 RES@3 RES@6",
        ),
        ("SC-035", "PUT: 201 {Failed}", "failed: PUT@0"),
        ("SC-035, cancelled", "PUT: 200 {Canceled} !Why", "canceled(Why): PUT@0"),
        (
            "SC-036",
            "PUT: 202 +LOC
             LOC: 202 | 409 !Conflict",
            "failed(Conflict): PUT@0 LOC@3 LOC@6",
        ),
        (
            "SC-037",
            "DELETE: 202 +LOC
             LOC: 202 | 400 !InUse",
            "failed(InUse): DELETE@0 LOC@3 LOC@6",
        ),
        ("SC-038", "PUT: 400 !InvalidParameter", "failed(InvalidParameter): PUT@0"),
        ("SC-039", "PUT: 400 !InvalidParameter +AAO +LOC", "failed(InvalidParameter): PUT@0"),
        (
            "SC-040",
            r#"PUT: 201 {Creating} +AAO
               AAO: 200 body={"status":"Failed","error":{"code":"Outer","message":"m","innererror":{"code":"Inner"}}}"#,
            "failed(Outer): PUT@0 AAO@3",
        ),
        (
            "SC-041",
            "PUT: 200 {Updating} +AAO
             AAO: 200 {Failed} !X
             RES: 200 {Failed}",
            "failed(X): PUT@0 AAO@3",
        ),
        ("SC-042", "PUT: 409 !AnotherOperationInProgress", "failed(AnotherOperationInProgress): PUT@0"),
        ("SC-043", "PUT: 412 !PreconditionFailed", "failed(PreconditionFailed): PUT@0"),
        ("SC-044 E3", r#"PUT: 400 body={"Code":"A","Message":"m","Details":[{"Code":"B"}]}"#, "failed(A): PUT@0"),
        ("SC-044 E7", "PUT: 404", "failed: PUT@0"),
        ("SC-044 E8", r#"PUT: 400 body={"error":{"code":400}}"#, "failed(400): PUT@0"),
        ("a redirected write", "PUT: 307 +LOC=FAR", "failed: PUT@0"),
    ]);
}
