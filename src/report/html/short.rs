//! Long names made short: what the reader has read already is left out.

/// A place without subscription and resource group, which are the same wherever one looks:
/// `…/Microsoft.CustomerInsights/hubs/a`. The whole stands in the text of the request.
pub(super) fn place(place: &str) -> String {
    const PROVIDERS: &str = "/providers/";
    let path = place.split('?').next().unwrap_or_default();
    match path.rfind(PROVIDERS) {
        Some(at) if at > 0 => format!("…{}", &place[at + PROVIDERS.len() - 1..]),
        _ => place.to_owned(),
    }
}

/// A request, its method before its place.
pub(super) fn request(request: &str) -> String {
    match request.split_once(' ') {
        Some((method, rest)) => format!("{method} {}", place(rest)),
        None => place(request),
    }
}

/// A place below another one, such as `…/operations/1` below `/a/b`; with a query of its own alone.
pub(super) fn below(place: &str, above: &str) -> String {
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let (above, known) = above.split_once('?').unwrap_or((above, ""));
    let rest = path.strip_prefix(above).filter(|rest| rest.starts_with('/'));
    let path = rest.map_or_else(|| self::place(path), |rest| format!("…{rest}"));
    if query.is_empty() || query == known { path } else { format!("{path}?{query}") }
}

/// The last part of the name of a file.
pub(super) fn file(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().filter(|last| !last.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_left_out() {
        let hub = "/subscriptions/s/resourceGroups/g/providers/Microsoft.X/hubs/a?api-version=1";
        assert_eq!(place(hub), "…/Microsoft.X/hubs/a?api-version=1");
        assert_eq!(request(&format!("PUT {hub}")), "PUT …/Microsoft.X/hubs/a?api-version=1");
        assert_eq!(place("/subscriptions/s?x=/providers/y"), "/subscriptions/s?x=/providers/y");
        let poll =
            |query: &str| format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.X/hubs/a/operations/1{query}");
        assert_eq!(below(&poll("?api-version=1"), hub), "…/operations/1");
        assert_eq!(below(&poll("?api-version=2"), hub), "…/operations/1?api-version=2");
        assert_eq!(below(hub, hub), "…/Microsoft.X/hubs/a");
        assert_eq!(below("host/x", hub), "host/x");
        assert_eq!([file("a/b.json"), file("a/"), file("b")], ["b.json", "a/", "b"]);
    }
}
