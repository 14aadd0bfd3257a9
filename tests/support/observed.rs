//! What two SDK clients were observed to do in some scenarios (`spec/real-clients.md`): each request
//! by its kind and status, and whether the client reports success.

/// A row: the scenario, the Python client, the JavaScript client; `""` for the same.
///
/// `P` is the write, `A` the status monitor, `L` the result URL, `R` the resource, a small letter the
/// URL that a poll named later or a redirect leads to; `-` is no answer.
pub(crate) const OBSERVED: [(&str, &str, &str); 34] = [
    ("SC-001", "P200 ok", ""),
    ("SC-002", "P200 ok", ""),
    ("SC-003", "P201 ok", ""),
    ("SC-004", "P201 R200 R200 R200 ok", ""),
    ("SC-006", "P200 A200 A200 R200 ok", ""),
    ("SC-008", "P202 L202 L201 ok", ""),
    ("SC-009", "P201 A200 A200 R200 ok", ""),
    ("SC-021", "P202 L202 L202 L200 ok", ""),
    ("SC-030", "P201 A200 A200 error", ""),
    ("SC-031", "P201 A200 error", ""),
    ("SC-032", "P201 A200 error", ""),
    ("SC-033", "P201 R200 R200 error", ""),
    ("SC-035", "P201 ok", "P201 error"),
    ("SC-036", "P202 L202 L409 error", ""),
    ("SC-038", "P400 error", ""),
    ("SC-050", "P201 A200 A200 A200 A200 A200 R200 ok", ""),
    ("SC-051", "P201 A200 A200 R200 ok", ""),
    ("SC-054", "P201 A200 A200 R200 ok", ""),
    ("SC-063", "P201 A202 A200 R200 ok", ""),
    ("SC-065", "P202 L200 ok", ""),
    ("SC-066", "P202 L202 L200 ok", ""),
    ("SC-068", "P201 A200 error", "P201 A200 R200 ok"),
    ("SC-070", "P201 A200 error", ""),
    ("SC-072", "P201 A200 error", ""),
    ("SC-091", "P201 A200 A200 A200 R200 ok", "P201 A200 a200 R200 ok"),
    ("SC-100", "P201 A200 R200 ok", ""),
    ("SC-107", "P202 R404 error", ""),
    ("SC-140", "P201 A500 A200 R200 ok", ""),
    ("SC-146", "P201 A429 A200 R200 ok", "P201 A429 error"),
    ("SC-147", "P201 A- A200 R200 ok", ""),
    ("SC-153", "P201 A404 error", ""),
    ("SC-170", "P503 P201 ok", ""),
    ("SC-180", "P201 A200 R404 error", ""),
    ("SC-181", "P201 A200 R200 ok", ""),
];
