use super::*;

fn now() -> Timestamp {
    "2017-06-08T10:11:12Z".parse().unwrap()
}

fn ask(method: &str, uri: &str, body: &str) -> Option<(u16, Value)> {
    let request = Request::builder().method(method).uri(uri).body(Bytes::from(body.to_owned())).unwrap();
    let response = answer(&request, now())?;
    Some((response.status().as_u16(), serde_json::from_slice(response.body()).unwrap()))
}

fn ok(method: &str, uri: &str, body: &str) -> Value {
    let (status, body) = ask(method, uri, body).unwrap();
    assert_eq!(status, 200, "{body}");
    body
}

fn claims(token: &Value) -> Value {
    let parts: Vec<&str> = token["access_token"].as_str().unwrap().split('.').collect();
    assert_eq!(parts.len(), 3);
    assert!(parts.iter().all(|part| URL_SAFE_NO_PAD.decode(part).is_ok_and(|bytes| !bytes.is_empty())));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap()
}

#[test]
fn knows_its_hosts_without_regard_to_case() {
    assert!(is_identity_host("LOGIN.microsoftonline.com"));
    assert!(!is_identity_host("login.microsoftonline.com:443"));
    assert!(!is_identity_host("management.azure.com"));
    assert!(!is_identity_host("login.microsoftonline.com.evil.example"));
}

#[test]
fn gives_a_token_for_what_was_asked() {
    let body =
        "client_id=me&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default+offline_access";
    let token = ok("POST", &format!("https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token"), body);
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["expires_in"], 3599);
    assert_eq!(token.get("expires_on"), None);
    insta::assert_snapshot!(format!("{:#}", claims(&token)), @r##"
    {
      "aud": "https://management.azure.com",
      "iss": "https://sts.windows.net/11111111-1111-1111-1111-111111111111/",
      "iat": 1496916672,
      "nbf": 1496916672,
      "exp": 1496920271,
      "app_displayname": "armtape identity stub: worth nothing anywhere else",
      "appid": "me",
      "appidacr": "1",
      "idtyp": "app",
      "oid": "33333333-3333-3333-3333-333333333333",
      "sub": "33333333-3333-3333-3333-333333333333",
      "tid": "11111111-1111-1111-1111-111111111111",
      "uti": "AAAAAAAAAAAUxh3IPOuAAA",
      "ver": "1.0"
    }
    "##);
}

#[test]
fn the_first_version_writes_numbers_as_strings() {
    let body = "grant_type=client_credentials&resource=https://management.core.windows.net/";
    let token = ok("POST", "https://login.windows.net/common/oauth2/token", body);
    assert_eq!(token["expires_in"], "3599");
    assert_eq!(token["expires_on"], (now().as_second() + 3599).to_string());
    assert_eq!(claims(&token)["aud"], "https://management.core.windows.net/");
    assert_eq!(claims(&token)["tid"], TENANT_ID);
}

#[test]
fn a_token_request_without_a_grant_is_an_oauth_error() {
    let (status, body) = ask("POST", "https://login.microsoftonline.com/common/oauth2/v2.0/token", "").unwrap();
    assert_eq!((status, &body["error"]), (400, &json!("invalid_request")));
}

#[test]
fn endpoints_are_at_the_host_that_was_asked() {
    let open = ok("GET", "https://login.microsoftonline.us/contoso/v2.0/.well-known/openid-configuration", "");
    assert_eq!(open["token_endpoint"], "https://login.microsoftonline.us/contoso/oauth2/v2.0/token");
    assert_eq!(open["authorization_endpoint"], "https://login.microsoftonline.us/contoso/oauth2/v2.0/authorize");
    assert_eq!(open["issuer"], "https://login.microsoftonline.us/contoso/v2.0");
    assert_eq!(open["jwks_uri"], "https://login.microsoftonline.us/contoso/discovery/v2.0/keys");
    let first = ok("GET", "/common/.well-known/openid-configuration", "");
    assert_eq!(first["token_endpoint"], "https://login.microsoftonline.com/common/oauth2/token");
    assert_eq!(first["issuer"], "https://sts.windows.net/{tenantid}/");
}

#[test]
fn discovery_names_the_tenant_that_the_client_named() {
    let asked = "authorization_endpoint=https%3A%2F%2Flogin.microsoftonline.com%2Ftenant-a%2Foauth2%2Fv2.0%2Fauthorize&api-version=1.1";
    let found = ok("GET", &format!("https://login.microsoft.com/common/discovery/instance?{asked}"), "");
    assert_eq!(
        found["tenant_discovery_endpoint"],
        "https://login.microsoft.com/tenant-a/v2.0/.well-known/openid-configuration"
    );
    let aliases: Vec<&Value> =
        found["metadata"].as_array().unwrap().iter().flat_map(|cloud| cloud["aliases"].as_array().unwrap()).collect();
    for host in HOSTS {
        assert!(aliases.contains(&&json!(host)), "{host} is no alias of anything");
    }
}

#[test]
fn metadata_has_the_shape_of_its_version() {
    let at = |version| ok("GET", &format!("https://management.azure.com/metadata/endpoints?api-version={version}"), "");
    assert_eq!(at("2015-01-01")["authentication"]["loginEndpoint"], "https://login.microsoftonline.com");
    assert_eq!(at("1.0")["portalEndpoint"], "https://portal.azure.com");
    assert_eq!(at("2019-05-01")[0]["name"], "AzureCloud");
    assert_eq!(at("2022-09-01")["resourceManager"], "https://management.azure.com/");
}

#[test]
fn metadata_keeps_a_client_of_armtapes_own_address_here() {
    let own = ok("GET", "http://127.0.0.1:4000/metadata/endpoints?api-version=2022-09-01", "");
    assert_eq!(own["authentication"]["loginEndpoint"], "http://127.0.0.1:4000");
    assert_eq!(own["resourceManager"], "http://127.0.0.1:4000/");
    let china = ok("GET", "https://management.chinacloudapi.cn/metadata/endpoints?api-version=2022-09-01", "");
    assert_eq!(
        (&china["name"], &china["authentication"]["loginEndpoint"]),
        (&json!("AzureChinaCloud"), &json!("https://login.chinacloudapi.cn"))
    );
}

#[test]
fn leaves_the_rest_alone_but_for_identity_hosts() {
    assert_eq!(ask("GET", "https://management.azure.com/subscriptions?api-version=2020-01-01", ""), None);
    assert_eq!(ask("GET", "https://management.azure.com/common/oauth2/token", ""), None);
    let (status, body) = ask("GET", "https://login.microsoftonline.com/metadata/endpoints", "").unwrap();
    assert_eq!((status, &body["error"]), (404, &json!("invalid_request")));
}

#[test]
fn no_variable_is_both_set_and_cleared() {
    assert!(environment().iter().all(|(name, _)| !CLEARED.contains(name)));
}
