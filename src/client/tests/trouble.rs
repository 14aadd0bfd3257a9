//! Timing, transient faults, authorisation, and faults on the write and the last read: sections 4.5
//! to 4.7.

use super::check;

#[test]
fn timing() {
    check(&[
        (
            "SC-120",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Running} RA=15 x2 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@18 AAO@33 RES@33",
        ),
        (
            "SC-121",
            "PUT: 202 +LOC RA=60
             LOC: 202 RA=10 | 202 RA=20 | 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@60 LOC@70 LOC@90",
        ),
        (
            "SC-122",
            "PUT: 201 {Creating} +AAO RA=30
             AAO: 200 {Running} x3 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@30 AAO@33 AAO@36 AAO@39 RES@39",
        ),
        (
            "SC-123",
            "PUT: 201 {Creating} +AAO RA=Tue,_03_Feb_2026_10:00:12_GMT
             AAO: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@12 AAO@15 RES@15",
        ),
        (
            "SC-124",
            "PUT: 201 {Creating} +AAO RA=Tue,_03_Feb_2026_09:00:00_GMT
             AAO: 200 {Running} RA=Tue,_03_Feb_2026_09:00:00_GMT x3 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@0 AAO@0.5 AAO@1 AAO@1.5 RES@1.5",
        ),
        (
            "SC-125",
            "PUT: 201 {Creating} +AAO RA=0
             AAO: 200 {Running} RA=0 x4 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@0 AAO@0.5 AAO@1 AAO@1.5 AAO@2 RES@2",
        ),
        (
            "SC-126",
            "PUT: 201 {Creating} +AAO RA=-5
             AAO: 200 {Running} RA=abc | 200 {Running} RA=/bar | 200 {Running} RA=1.5 | 200 {Running} RA= | \
                  200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 AAO@9 AAO@12 AAO@15 RES@15",
        ),
        (
            "SC-127",
            "with timeout=100
             PUT: 201 {Creating} +AAO
             AAO: 200 {Running} RA=99999999999 …",
            "timeout: PUT@0 AAO@3",
        ),
        (
            "SC-127 without a limit",
            "PUT: 201 {Creating} +AAO RA=2147484
             AAO: 200 {Failed} !Late",
            "failed(Late): PUT@0 AAO@2147484*",
        ),
        (
            "SC-128 with no interval",
            "with interval=0
             PUT: 201 {Creating} +AAO
             AAO: 200 {Running} x2 | 200 {Failed}",
            "failed: PUT@0 AAO@0.5 AAO@1 AAO@1.5",
        ),
        (
            "SC-129",
            "PUT: 201 {Creating} +AAO RA=10 RA=20
             AAO: 200 {Failed}",
            "failed: PUT@0 AAO@20",
        ),
        (
            "milliseconds",
            "PUT: 201 {Creating} +AAO x-ms-retry-after-ms:1500
             AAO: 200 {Running} retry-after-ms:700 RA=9 | 200 {Failed}",
            "failed: PUT@0 AAO@1.5 AAO@2.2",
        ),
        (
            "SC-130",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Running} slow=20 x2 | 200 {Failed}",
            "failed: PUT@0 AAO@3 AAO@26 AAO@49",
        ),
        (
            "a limit while an answer is awaited",
            "with timeout=10
             PUT: 201 {Creating} +AAO
             AAO: 200 {Running} slow=20 …",
            "timeout: PUT@0 AAO@3",
        ),
        (
            "a limit while the write is unanswered",
            "with timeout=10
             POST: 200 slow=20",
            "timeout: POST@0",
        ),
        (
            "a token that ends meanwhile",
            "PUT: 201 {Creating} +AAO RA=4000
             AAO: 200 {Failed}",
            "failed: PUT@0 AAO@4000*",
        ),
    ]);
}

#[test]
fn faults_on_polls() {
    check(&[
        (
            "SC-140",
            "PUT: 201 {Creating} +AAO
             AAO: 500 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@4 RES@4",
        ),
        (
            "SC-141",
            "PUT: 201 {Creating} +AAO
             AAO: 502 body=<html> | 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@4 AAO@7 RES@7",
        ),
        (
            "SC-142",
            "PUT: 201 {Creating} +AAO
             AAO: 503 RA=5 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@8 RES@8",
        ),
        (
            "SC-143, SC-144, and a wait of nothing",
            "PUT: 201 {Creating} +AAO
             AAO: 504 | 408 RA=0 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@4 AAO@6 RES@6",
        ),
        (
            "SC-145",
            "PUT: 201 {Creating} +AAO
             AAO: 429 RA=8 | 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@11 AAO@14 RES@14",
        ),
        (
            "SC-147",
            "PUT: 201 {Creating} +AAO
             AAO: reset | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@4 RES@4",
        ),
        (
            "a fault behind a redirect",
            "PUT: 201 {Creating} +AAO
             AAO: 307 +LOC=AAO2 | 200 {Failed}
             AAO2: reset",
            "failed: PUT@0 AAO@3 AAO2@3 AAO@4",
        ),
        (
            "SC-148",
            "PUT: 201 {Creating} +AAO
             AAO: stall | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@24 RES@24",
        ),
        (
            "SC-149",
            "PUT: 201 {Creating} +AAO
             AAO: 503 !Busy …",
            "unknown(Busy): PUT@0 AAO@3 AAO@4 AAO@6 AAO@10 AAO@18 AAO@34",
        ),
        (
            "faults that don't follow each other",
            "PUT: 201 {Creating} +AAO
             AAO: 503 x4 | 200 {Running} | 503 x4 | 200 {Failed}",
            "failed: PUT@0 AAO@3 AAO@4 AAO@6 AAO@10 AAO@18 AAO@21 AAO@22 AAO@24 AAO@28 AAO@36",
        ),
        (
            "SC-150",
            "PUT: 202 +LOC
             LOC: 202 | 500 | 202 | 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@3 LOC@6 LOC@7 LOC@10",
        ),
        (
            "SC-151",
            "PUT: 202 +LOC
             LOC: 500 !Broken …",
            "unknown(Broken): PUT@0 LOC@3 LOC@4 LOC@6 LOC@10 LOC@18 LOC@34",
        ),
        (
            "SC-152",
            "PUT: 201 {Creating}
             RES: 404 | 200 {Creating} | 200 {Succeeded}",
            "succeeded<RES>: PUT@0 RES@3 RES@6 RES@9",
        ),
        (
            "SC-154",
            "PUT: 201 {Creating} +AAO
             AAO: 404 !NotFound …",
            "unknown(NotFound): PUT@0 AAO@3",
        ),
        (
            "SC-154 at Location",
            "PUT: 202 +LOC
             LOC: 404 !NotFound …",
            "unknown(NotFound): PUT@0 LOC@3",
        ),
        (
            "SC-155",
            "PUT: 201 {Creating} +AAO
             AAO: 401 !ExpiredAuthenticationToken | 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@3* AAO@6* RES@6*",
        ),
        (
            "SC-155 with one token only",
            "with token=fixed
             PUT: 201 {Creating} +AAO
             AAO: 401 !ExpiredAuthenticationToken",
            "unknown(ExpiredAuthenticationToken): PUT@0 AAO@3",
        ),
        (
            "a token that ends twice",
            "PUT: 201 {Creating} +AAO
             AAO: 401 | 200 {Running} | 401 | 200 {Failed}",
            "failed: PUT@0 AAO@3 AAO@3* AAO@6* AAO@6*",
        ),
        (
            "SC-156",
            "PUT: 201 {Creating} +AAO
             AAO: 401 !Expired …",
            "unknown(Expired): PUT@0 AAO@3 AAO@3*",
        ),
        (
            "SC-157, SC-161",
            "PUT: 201 {Creating} +AAO
             AAO: 403 !NotTheCaller",
            "unknown(NotTheCaller): PUT@0 AAO@3",
        ),
        (
            "SC-158",
            "PUT: 201 {Creating} +AAO
             AAO: 400 !Bad",
            "unknown(Bad): PUT@0 AAO@3",
        ),
        (
            "SC-159",
            "PUT: 201 {Creating} +AAO
             AAO: 410",
            "unknown: PUT@0 AAO@3",
        ),
        (
            "SC-160",
            "POST: 202 +AAO +LOC
             AAO: 200 {Succeeded}
             LOC: 503 RA=2 | 200 {-}",
            "succeeded<LOC>: POST@0 AAO@3 LOC@3 LOC@5",
        ),
    ]);
}

#[test]
fn faults_on_the_write() {
    check(&[
        ("SC-170", "PUT: 503 RA=2 | 201 {Succeeded}", "succeeded<PUT>: PUT@0 PUT@2"),
        (
            "SC-171",
            "PUT: 500 | 201 {Creating} +AAO
             AAO: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 PUT@1 AAO@4 RES@4",
        ),
        (
            "SC-172",
            "PUT: reset | 200 {Creating} +AAO
             AAO: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 PUT@1 AAO@4 RES@4",
        ),
        ("SC-173", "PUT: reset | 409 !AnotherOperationInProgress", "failed(AnotherOperationInProgress): PUT@0 PUT@1"),
        ("SC-175", "PUT: 429 RA=6 | 200 {Succeeded}", "succeeded<PUT>: PUT@0 PUT@6"),
        ("SC-176", "PUT: 409 RA=5 | 201 {Succeeded}", "succeeded<PUT>: PUT@0 PUT@5"),
        ("SC-177", "POST: 500 !Broken", "failed(Broken): POST@0"),
        ("SC-177, asked to come again", "POST: 500 RA=5 !Broken", "failed(Broken): POST@0"),
        ("a POST that was lost", "POST: reset", "unknown: POST@0"),
        ("a POST that was refused for now", "POST: 503 | 429 RA=4 | 200 {-}", "succeeded<POST>: POST@0 POST@1 POST@5"),
        ("a service that is never there", "PUT: reset …", "unknown: PUT@0 PUT@1 PUT@3 PUT@7 PUT@15 PUT@31"),
        ("a service that is never well", "PUT: 503 !Busy …", "failed(Busy): PUT@0 PUT@1 PUT@3 PUT@7 PUT@15 PUT@31"),
        ("a write with a wrong token", "with token=fixed\n PUT: 401 RA=5 !Wrong", "failed(Wrong): PUT@0"),
        ("a write with an old token", "PUT: 401 | 201 {Succeeded}", "succeeded<PUT>: PUT@0 PUT@0*"),
        (
            "SC-179",
            "PUT: 202 +LOC | 409
             LOC: 202 x5 | 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@3 LOC@6 LOC@9 LOC@12 LOC@15 LOC@18",
        ),
    ]);
}

#[test]
fn the_last_read_and_deletion() {
    check(&[
        (
            "SC-180",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Succeeded}
             RES: 404 | 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 RES@3 RES@6",
        ),
        (
            "SC-180, for ever",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Succeeded}
             RES: 404 !Gone …",
            "unknown(Gone): PUT@0 AAO@3 RES@3 RES@6 RES@9 RES@12 RES@15 RES@18",
        ),
        (
            "SC-181",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Succeeded}
             RES: 200 {Updating} | 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 RES@3 RES@6",
        ),
        (
            "SC-182",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Succeeded}
             RES: 503 | 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 RES@3 RES@4",
        ),
        (
            "a last read that is forbidden",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Succeeded}
             RES: 403 !AuthorizationFailed",
            "unknown(AuthorizationFailed): PUT@0 AAO@3 RES@3",
        ),
        (
            "SC-184",
            "DELETE: 202 +LOC
             LOC: 202 | 404
             RES: 404",
            "succeeded: DELETE@0 LOC@3 LOC@6 RES@6",
        ),
        (
            "SC-184, but the resource is there",
            "DELETE: 202 +LOC
             LOC: 202 | 404
             RES: 200 {Failed}",
            "failed: DELETE@0 LOC@3 LOC@6 RES@6",
        ),
        (
            "SC-185",
            "DELETE: 202 +LOC
             LOC: 200 {Failed} !InUse",
            "failed(InUse): DELETE@0 LOC@3",
        ),
        (
            "SC-186",
            "DELETE: 202 +AAO +LOC
             AAO: 200 {Succeeded}
             LOC: 404",
            "succeeded: DELETE@0 AAO@3",
        ),
        ("SC-187", "DELETE: 404 !ResourceGroupNotFound", "failed(ResourceGroupNotFound): DELETE@0"),
        (
            "a DELETE that is followed by the state of the resource",
            "DELETE: 200 {Deleting}
             RES: 200 {Deleting} | 404",
            "succeeded: DELETE@0 RES@3 RES@6",
        ),
    ]);
}
