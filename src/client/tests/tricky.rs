//! Tricky states, bodies, URLs and headers: sections 4.3 and 4.4.

use super::{
    super::{Operation, Settings, UrlError, Write},
    check,
};

#[test]
fn states_and_bodies() {
    check(&[
        (
            "SC-050",
            "PUT: 201 {Accepted} +AAO
             AAO: 200 {MountingDrives} | 200 {SelectingHosts} | 200 {Deleted} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 AAO@9 AAO@12 RES@12",
        ),
        (
            "SC-051",
            "PUT: 201 {creating} +AAO
             AAO: 200 {running} | 200 {SUCCEEDED}
             RES: 200 {succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 RES@6",
        ),
        (
            "SC-052",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Running} | 200 {Cancelled} …",
            "canceled: PUT@0 AAO@3 AAO@6",
        ),
        (
            "SC-053",
            "with timeout=10
             PUT: 201 {Creating}
             RES: 200 {Completed} …",
            "timeout: PUT@0 RES@3 RES@6 RES@9",
        ),
        (
            "SC-054",
            "PUT: 201 {Succeeded} +AAO
             AAO: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 RES@6",
        ),
        (
            "SC-055",
            "PUT: 200 {-} +AAO
             AAO: 200 {Running} | 200 {Failed} !X",
            "failed(X): PUT@0 AAO@3 AAO@6",
        ),
        (
            "SC-056",
            r#"PUT: 200 +AAO +LOC body={"Properties":{"ProvisioningState":"InProgress"}}
               AAO: 200 {InProgress} | 200 {Failed} !X"#,
            "failed(X): PUT@0 AAO@3 AAO@6",
        ),
        (
            "SC-056 without links",
            r#"PUT: 200 body={"Properties":{"ProvisioningState":"InProgress"}}
               RES: 200 {Failed}"#,
            "failed: PUT@0 RES@3",
        ),
        ("SC-057", "PUT: 201 {-}", "succeeded<PUT>: PUT@0"),
        ("SC-058", r#"PUT: 201 body={"properties":{"provisioningState":null}}"#, "succeeded<?>: PUT@0"),
        ("SC-059", r#"PUT: 201 body={"properties":null}"#, "succeeded<?>: PUT@0"),
        (
            "an accepted PUT whose body can't be read",
            "PUT: 200 body=<html>
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 RES@3",
        ),
        (
            "SC-060",
            r#"PUT: 201 {Creating} +AAO
               AAO: 200 x2 body={"status":"Running","percentComplete":100,"endTime":"2026-02-03T10:00:00Z"} | 200 {Succeeded}
               RES: 200 {Succeeded}"#,
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 AAO@9 RES@9",
        ),
        (
            "SC-061",
            "PATCH: 202 {Succeeded} +AAO +LOC
             AAO: 200 {InProgress} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PATCH@0 AAO@3 AAO@6 RES@6",
        ),
        (
            "SC-061, failed",
            "PUT: 202 {Failed} +LOC
             LOC: 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@3",
        ),
        (
            "SC-062",
            "PUT: 202 {Accepted} +LOC
             LOC: 202 {Succeeded} | 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@3 LOC@6",
        ),
        (
            "SC-063",
            "PUT: 201 {Creating} +AAO
             AAO: 202 {InProgress} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 RES@6",
        ),
        (
            "SC-064",
            "PUT: 201 {Creating} +AAO
             AAO: 202 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 RES@6",
        ),
        (
            "SC-065",
            r#"PUT: 202 +LOC
               LOC: 200 body={"status":"Running"} | 200 body={"status":"Failed","error":{"code":"X"}}"#,
            "failed(X): PUT@0 LOC@3 LOC@6",
        ),
        (
            "SC-065 with success",
            r#"PUT: 202 +LOC
               LOC: 200 body={"status":"Succeeded"}
               RES: 200 {Succeeded}"#,
            "succeeded<RES>: PUT@0 LOC@3 RES@3",
        ),
        (
            "SC-065, a result with a status of its own",
            r#"POST: 202 +LOC
               LOC: 200 body={"status":"Failed","name":"RESULT"}"#,
            "succeeded<RESULT>: POST@0 LOC@3",
        ),
        (
            "SC-066",
            "PUT: 202 +LOC
             LOC: 202 | 200 {Creating} | 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@3 LOC@6 LOC@9",
        ),
        (
            "SC-067",
            "PUT: 201 {Creating} +LOC=RES
             RES: 200 {Creating} x2 | 200 {Succeeded}",
            "succeeded<RES>: PUT@0 RES@3 RES@6 RES@9",
        ),
        (
            "SC-068",
            "PUT: 201 {Creating} +AAO
             AAO: 200 | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 RES@6",
        ),
        (
            "SC-069",
            "PUT: 201 {Creating} +AAO
             AAO: 200 … body={}
             RES: 200 {Creating}",
            "unknown: PUT@0 AAO@3 AAO@6 AAO@9 AAO@12",
        ),
        (
            "SC-070",
            r#"PUT: 201 {Creating} +AAO
               AAO: 200 body={"status":null} | 200 body={"status":3} | 200 {Succeeded}
               RES: 200 {Succeeded}"#,
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 AAO@9 RES@9",
        ),
        (
            "SC-072",
            r#"PUT: 201 {Creating} +AAO
               AAO: 200 … body={"status":"Succ"#,
            "unknown: PUT@0 AAO@3 AAO@6 AAO@9 AAO@12",
        ),
        (
            "puzzles that don't follow each other",
            "PUT: 201 {Creating} +AAO
             AAO: 200 x3 | 200 {Running} | 200 x3 | 200 {Failed}",
            "failed: PUT@0 AAO@3 AAO@6 AAO@9 AAO@12 AAO@15 AAO@18 AAO@21 AAO@24",
        ),
        (
            "SC-073",
            "PUT: 201 {Creating} +AAO
             AAO: 200 body=<html> | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO@6 RES@6",
        ),
        (
            "SC-073 at Location",
            "PUT: 202 +LOC
             LOC: 200 … body=<html>",
            "unknown: PUT@0 LOC@3 LOC@6 LOC@9 LOC@12",
        ),
        (
            "SC-074",
            "PUT: 201 {Creating} +AAO
             AAO: 200 body=\u{feff}{\"status\":\"Succeeded\"}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 RES@3",
        ),
        (
            "SC-077",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Succeeded}
             RES: 200 {Failed}",
            "unknown: PUT@0 AAO@3 RES@3",
        ),
        (
            "SC-079",
            "with timeout=8
             PUT: 201 {Creating} +AAO
             AAO: 200 {Running} …",
            "timeout: PUT@0 AAO@3 AAO@6",
        ),
    ]);
}

#[test]
fn polling_urls() {
    check(&[
        (
            "SC-090",
            "POST: 202 +LOC
             LOC: 202 +LOC2 | 500 …
             LOC2: 202 | 200 {-}",
            "succeeded<LOC2>: POST@0 LOC@3 LOC2@6 LOC2@9",
        ),
        (
            "SC-091",
            "PUT: 201 {Creating} +AAO
             AAO: 200 {Running} +AAO2 | 404 …
             AAO2: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO2@6 RES@6",
        ),
        (
            "SC-093, and a URL that can't be used",
            "PUT: 202 +LOC
             LOC: 202 | 202 +LOC=http://management.azure.com/x | 200 {Succeeded}",
            "succeeded<LOC>: PUT@0 LOC@3 LOC@6 LOC@9",
        ),
        (
            "a result that moved while the status was polled",
            "POST: 202 +AAO +LOC
             AAO: 200 {Running} +LOC2 | 200 {Succeeded}
             LOC2: 200 {-}",
            "succeeded<LOC2>: POST@0 AAO@3 AAO@6 LOC2@6",
        ),
        (
            "SC-096",
            "PUT: 201 {Creating} +AAO=BARE
             BARE: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 BARE@3 RES@3",
        ),
        (
            "SC-097",
            "PUT: 201 {Creating} +AAO=BARE
             BARE: 400 !MissingApiVersionParameter
             BARE+: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 BARE@3 BARE+@3 BARE+@6 RES@6",
        ),
        (
            "SC-100",
            "PUT: 201 {Creating} +AAO=/ops/rel?x=1
             REL: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 REL@3 RES@3",
        ),
        (
            "SC-101",
            "PUT: 201 {Creating} +AAO=PORT
             PORT: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 PORT@3 RES@3",
        ),
        (
            "SC-102",
            "PUT: 201 {Creating} +AAO=SECOND
             SECOND: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 SECOND@3 RES@3",
        ),
        (
            "SC-103",
            "PUT: 201 {Creating} +OPL +AAO
             AAO: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 RES@3",
        ),
        (
            "SC-103, Operation-Location alone",
            "PUT: 201 {Creating} +OPL
             OPL: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 OPL@3 OPL@6 RES@6",
        ),
        (
            "SC-104",
            "PUT: 201 {Creating} +AAO +LOC=not_a_url
             AAO: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 RES@3",
        ),
        ("SC-104, nothing else", "PUT: 202 +LOC=not_a_url", "unknown: PUT@0"),
        (
            "SC-105",
            "PUT: 201 {-} +LOC
             LOC: 202 | 400 !ValidationError
             RES: 200 {Succeeded}",
            "failed(ValidationError): PUT@0 LOC@3 LOC@6",
        ),
        ("SC-105, a link to the resource", "PUT: 201 {-} +LOC=SELF", "succeeded<PUT>: PUT@0"),
        (
            "a Location that is the resource, which is not there yet",
            "PUT: 202 +LOC=SELF
             SELF: 404 | 200 {Succeeded}",
            "succeeded<SELF>: PUT@0 SELF@3 SELF@6",
        ),
        (
            "SC-107",
            "PUT: 202
             RES: 404 | 200 {Creating} | 200 {Succeeded}",
            "succeeded<RES>: PUT@0 RES@3 RES@6 RES@9",
        ),
        (
            "SC-107, never found",
            "PUT: 202
             RES: 404 !ResourceNotFound …",
            "unknown(ResourceNotFound): PUT@0 RES@3 RES@6 RES@9 RES@12 RES@15 RES@18 RES@21 RES@24 RES@27 RES@30 \
             RES@33",
        ),
        (
            "SC-108",
            "PATCH: 202
             RES: 200 {Updating} | 200 {Succeeded}",
            "succeeded<RES>: PATCH@0 RES@3 RES@6",
        ),
        ("SC-109", "POST: 202", "unknown: POST@0"),
        (
            "SC-110",
            "DELETE: 202
             RES: 200 {Deleting} | 404",
            "succeeded: DELETE@0 RES@3 RES@6",
        ),
        (
            "SC-110, still there",
            "DELETE: 202
             RES: 200 {Succeeded} …",
            "unknown: DELETE@0 RES@3 RES@6 RES@9 RES@12 RES@15 RES@18",
        ),
        (
            "SC-111",
            "DELETE: 202 +AAO
             AAO: 200 {Running} | 200 {Succeeded}",
            "succeeded: DELETE@0 AAO@3 AAO@6",
        ),
        ("SC-112", "PUT: 204", "succeeded: PUT@0"),
        (
            "SC-114",
            "PUT: 201 {Creating} +AAO
             AAO: 307 +LOC=AAO2 | 307 +LOC=AAO2
             AAO2: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 AAO2@3 AAO@6 AAO2@6 RES@6",
        ),
        (
            "SC-114 in a circle",
            "PUT: 201 {Creating} +AAO
             AAO: 307 +LOC=AAO2 …
             AAO2: 307 +LOC=AAO …",
            "unknown: PUT@0 AAO@3 AAO2@3 AAO@3 AAO2@3 AAO@3 AAO2@3",
        ),
    ]);
}

#[test]
fn security_probes() {
    check(&[
        (
            "SC-190",
            "PUT: 201 {Creating} +AAO=FAR
             FAR: 200 {Running} | 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 FAR@3- FAR@6- RES@6",
        ),
        (
            "SC-191",
            "PUT: 201 {Creating} +AAO
             AAO: 307 +LOC=FAR
             FAR: 200 {Succeeded}
             RES: 200 {Succeeded}",
            "succeeded<RES>: PUT@0 AAO@3 FAR@3- RES@3",
        ),
        (
            "SC-190, which asks for a token",
            "PUT: 201 {Creating} +AAO=FAR
             FAR: 401 !NoToken",
            "unknown(NoToken): PUT@0 FAR@3-",
        ),
        ("SC-192", "PUT: 201 {Creating} +AAO=http://management.azure.com/ops/1", "unknown: PUT@0"),
        (
            "SC-192 as a redirect",
            "PUT: 201 {Creating} +AAO
             AAO: 307 +LOC=http://management.azure.com/ops/1",
            "unknown: PUT@0 AAO@3",
        ),
        ("SC-193 file", "PUT: 201 {Succeeded} +AAO=file:///etc/hosts", "unknown: PUT@0"),
        ("SC-193 ftp", "PUT: 201 {Creating} +AAO=ftp://management.azure.com/x", "unknown: PUT@0"),
        ("SC-193 password", "PUT: 201 {Creating} +AAO=https://user:pw@management.azure.com/x", "unknown: PUT@0"),
        ("SC-194", "PUT: 202 +LOC=https://127.0.0.1:8443/x", "unknown: PUT@0"),
        (
            "SC-195",
            r#"PUT: 201 {Creating} +AAO
               AAO: 200 body={"status":"Succeeded","resourceLocation":"https://far.example/ops/1"}
               RES: 200 {Succeeded}"#,
            "succeeded<RES>: PUT@0 AAO@3 RES@3",
        ),
    ]);
}

#[test]
fn the_write_itself_needs_tls() {
    let write = |url: &str| Write {
        method: http::Method::PUT,
        url: url.to_owned(),
        body: bytes::Bytes::new(),
        headers: http::HeaderMap::new(),
    };
    let refused = Operation::new(write("http://management.azure.com/x?api-version=1"), Settings::default());
    assert_eq!(refused.unwrap_err(), UrlError::Plain);
    assert!(Operation::new(write("http://localhost:8080/x?api-version=1"), Settings::default()).is_ok());
}
