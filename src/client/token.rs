//! The token that goes with a request.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{
    Method, Request, Uri,
    header::{CONTENT_TYPE, HeaderValue},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    read,
    transport::{Transport, TransportError},
};

/// The identity service of the public cloud.
pub const AUTHORITY: &str = "https://login.microsoftonline.com";

/// What a token is asked for: everything that the application may do at ARM in the public cloud.
pub const SCOPE: &str = "https://management.azure.com/.default";

/// A token is renewed so long before it ends (LRO-C-29).
const EARLY: Duration = Duration::from_secs(300);

/// Attempts after transient faults, a second and two apart.
const ATTEMPTS: u32 = 3;

/// All but the characters that RFC 3986 leaves alone: a tenant's id is in the path as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where tokens come from.
#[derive(Clone, Debug)]
pub struct Tokens(Source);

#[derive(Clone)]
enum Source {
    None,
    Fixed(HeaderValue),
    Client { client: ClientCredentials, kept: Option<(HeaderValue, Instant)> },
}

/// An application that signs in with a secret.
#[derive(Clone)]
pub struct ClientCredentials {
    /// [`AUTHORITY`], or another cloud's.
    pub authority: String,
    /// The tenant's id or domain.
    pub tenant: String,
    /// The application's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// [`SCOPE`], or another cloud's.
    pub scope: String,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It can't be sent in a header.
    #[error("the token has characters that a header can't hold")]
    Characters,
    /// The address of the identity service isn't good.
    #[error("the address of the identity service is not a URL")]
    Authority(#[source] http::uri::InvalidUri),
    /// The identity service wasn't reached.
    #[error("the identity service was not reached")]
    Transport(#[source] TransportError),
    /// The identity service said no.
    #[error("the identity service refused: {0}")]
    Refused(String),
    /// The identity service's answer can't be read.
    #[error("there is no token in the answer of the identity service")]
    Unreadable,
}

impl Tokens {
    /// No token.
    #[must_use]
    pub fn none() -> Self {
        Self(Source::None)
    }

    /// One token that can't be renewed.
    ///
    /// # Errors
    ///
    /// It can't be sent in a header.
    pub fn fixed(token: &str) -> Result<Self, TokenError> {
        Ok(Self(Source::Fixed(bearer(token)?)))
    }

    /// Tokens of an application.
    #[must_use]
    pub fn client(client: ClientCredentials) -> Self {
        Self(Source::Client { client, kept: None })
    }

    /// Whether another token can be had.
    #[must_use]
    pub fn can_renew(&self) -> bool {
        matches!(self.0, Source::Client { .. })
    }

    /// The `Authorization` to send now; where `renew` is set, with another token than before.
    pub(super) async fn authorization(
        &mut self,
        transport: &impl Transport,
        renew: bool,
    ) -> Result<Option<HeaderValue>, TokenError> {
        match &mut self.0 {
            Source::None => Ok(None),
            Source::Fixed(value) => Ok(Some(value.clone())),
            Source::Client { client, kept } => {
                if let Some((value, until)) = kept
                    && !renew
                    && Instant::now() < *until
                {
                    return Ok(Some(value.clone()));
                }
                let (value, lifetime) = client.sign_in(transport).await?;
                *kept = Some((value.clone(), Instant::now() + lifetime.saturating_sub(EARLY)));
                Ok(Some(value))
            }
        }
    }
}

impl ClientCredentials {
    async fn sign_in(&self, transport: &impl Transport) -> Result<(HeaderValue, Duration), TokenError> {
        let escape = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let url = format!("{}/{}/oauth2/v2.0/token", self.authority.trim_end_matches('/'), escape(&self.tenant));
        let url: Uri = url.parse().map_err(TokenError::Authority)?;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
            ("scope", &self.scope),
        ];
        let form: Vec<_> = form.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let form = Bytes::from(form.join("&"));
        let mut attempt = 1;
        loop {
            let mut request = Request::new(form.clone());
            *request.method_mut() = Method::POST;
            *request.uri_mut() = url.clone();
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(CONTENT_TYPE, kind);
            let answer = transport.send(request).await;
            let transient = match &answer {
                Ok(answer) => matches!(answer.status().as_u16(), 408 | 429 | 500 | 502 | 503 | 504),
                Err(error) => !error.is_permanent(),
            };
            if !transient || attempt == ATTEMPTS {
                return token(&answer.map_err(TokenError::Transport)?);
            }
            tokio::time::sleep(Duration::from_secs(attempt.into())).await;
            attempt += 1;
        }
    }
}

fn token(answer: &http::Response<Bytes>) -> Result<(HeaderValue, Duration), TokenError> {
    if !answer.status().is_success() {
        let fault = read::fault_of(answer.status(), answer.headers(), answer.body());
        return Err(TokenError::Refused(match fault.code {
            Some(code) => format!("{code}: {}", fault.message),
            None => fault.message,
        }));
    }
    let document = read::json(answer.body()).ok_or(TokenError::Unreadable)?;
    let token = document.get("access_token").and_then(Value::as_str).ok_or(TokenError::Unreadable)?;
    // A number, and a string at older endpoints; without it the token serves this once.
    let lifetime = document.get("expires_in");
    let seconds = lifetime.and_then(|lifetime| lifetime.as_u64().or_else(|| lifetime.as_str()?.parse().ok()));
    // No token lives for longer than a day.
    Ok((bearer(token)?, Duration::from_secs(seconds.unwrap_or(0).min(24 * 3600))))
}

fn bearer(token: &str) -> Result<HeaderValue, TokenError> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| TokenError::Characters)?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::Fixed(_) => "Fixed",
            Self::Client { .. } => "Client",
        })
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { authority, tenant, client_id, .. } = self;
        write!(formatter, "ClientCredentials({client_id} of {tenant} at {authority})")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use http::Response;

    use super::*;

    /// Gives its answers in order, and keeps the requests.
    #[derive(Default)]
    struct Identity {
        answers: Mutex<Vec<(u16, &'static str)>>,
        requests: Mutex<Vec<Request<Bytes>>>,
    }

    impl Transport for Identity {
        async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
            self.requests.lock().unwrap().push(request);
            let (status, body) = self.answers.lock().unwrap().remove(0);
            Ok(Response::builder().status(status).body(body.into()).unwrap())
        }
    }

    fn identity(answers: &[(u16, &'static str)]) -> Identity {
        Identity { answers: Mutex::new(answers.to_vec()), requests: Mutex::default() }
    }

    fn client() -> ClientCredentials {
        ClientCredentials {
            authority: AUTHORITY.to_owned(),
            tenant: "a tenant".to_owned(),
            client_id: "client".to_owned(),
            client_secret: "a&b=c+d".to_owned(),
            scope: SCOPE.to_owned(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn signs_in_and_keeps_the_token() {
        let answer = (200, r#"{"token_type":"Bearer","expires_in":"3600","access_token":"one"}"#);
        let identity = identity(&[(503, ""), answer]);
        let mut tokens = Tokens::client(client());
        for _ in 0..2 {
            let value = tokens.authorization(&identity, false).await.unwrap().unwrap();
            assert_eq!(value, "Bearer one");
            assert!(value.is_sensitive());
        }
        let requests = identity.requests.into_inner().unwrap();
        assert_eq!(requests.len(), 2, "a fault, and no third request while the token lives");
        assert_eq!(requests[1].uri(), "https://login.microsoftonline.com/a%20tenant/oauth2/v2.0/token");
        let form = "grant_type=client_credentials&client_id=client&client_secret=a%26b%3Dc%2Bd\
                    &scope=https%3A%2F%2Fmanagement.azure.com%2F.default";
        assert_eq!(requests[1].body(), form);
    }

    #[tokio::test]
    async fn says_why_there_is_no_token() {
        let refusal = (401, r#"{"error":"invalid_client","error_description":"wrong secret"}"#);
        let error = Tokens::client(client()).authorization(&identity(&[refusal]), false).await.unwrap_err();
        assert_eq!(error.to_string(), "the identity service refused: invalid_client: HTTP 401: wrong secret");
        let error = Tokens::client(client()).authorization(&identity(&[(200, "{}")]), false).await.unwrap_err();
        assert!(matches!(error, TokenError::Unreadable));
        assert!(Tokens::fixed("a\nb").is_err());
    }

    #[test]
    fn shows_no_secret() {
        let shown = format!("{:?} {:?} {:?}", client(), Tokens::client(client()), Tokens::fixed("hidden").unwrap());
        assert!(!shown.contains("a&b") && !shown.contains("hidden"), "{shown}");
    }
}
