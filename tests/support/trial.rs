//! Trials that need something the machine may not have. What is missing shows as *ignored*, with
//! the reason, or as *failed* where an `ARMTAPE_REQUIRE_…` variable says that it must be there.

use libtest_mimic::{Arguments, Failed, Trial};

use super::{clients, shared};

/// Something that a trial cannot run without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The Python client, see [`clients::python`].
    Python,
    /// The JavaScript client, see [`clients::node`].
    Node,
    /// The newer JavaScript client, see [`clients::newer_js`].
    NewerJs,
    /// The Go client, see [`clients::go`].
    Go,
    /// The Azure CLI, see [`clients::az`].
    Az,
    /// `curl` with HTTP/2.
    Curl,
    /// `varnishtest`, from the Debian package `varnish`.
    Varnish,
    /// A browser, see [`clients::browser`].
    Browser,
    /// The folder of real recordings, see [`shared::shared`].
    Shared,
}

impl Need {
    /// Why it is not there. May take its time: the clients are installed by asking for them.
    fn missing(self) -> Option<String> {
        match self {
            Self::Python => clients::python().err(),
            Self::Node => clients::node().err(),
            Self::NewerJs => clients::newer_js().err(),
            Self::Go => clients::go().err(),
            Self::Az => clients::az().err(),
            Self::Browser => clients::browser().err(),
            Self::Curl => match clients::probe("curl", "--version") {
                Ok(version) => (!version.contains("HTTP2")).then(|| "this curl has no HTTP/2".to_owned()),
                Err(error) => Some(error),
            },
            // It has no option that does nothing.
            Self::Varnish => std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
                .all(|folder| !folder.join("varnishtest").is_file())
                .then(|| "no varnishtest (Debian package `varnish`)".to_owned()),
            Self::Shared => {
                shared::shared().is_none().then(|| format!("no folder of recordings ({})", shared::VARIABLE))
            }
        }
    }

    /// The variable that turns *ignored* into *failed*.
    fn variable(self) -> &'static str {
        match self {
            Self::Python | Self::Node | Self::NewerJs | Self::Curl | Self::Varnish | Self::Browser => {
                "ARMTAPE_REQUIRE_CLIENTS"
            }
            // Hundreds of megabytes, which no gate needs.
            Self::Go => "ARMTAPE_REQUIRE_GO",
            Self::Az => "ARMTAPE_REQUIRE_AZ",
            Self::Shared => "ARMTAPE_REQUIRE_SHARED",
        }
    }

    fn required(self) -> bool {
        std::env::var_os(self.variable()).is_some_and(|value| !value.is_empty() && value != "0")
    }
}

/// A trial of `run`, which is ignored while one of its needs is absent.
pub(crate) fn trial<F>(name: &str, needs: &[Need], run: F) -> Trial
where
    F: FnOnce() -> Result<(), Failed> + Send + 'static,
{
    // A list, or a trial that the filter leaves out, is no reason to install anything.
    if !wanted(&Arguments::from_args(), name) {
        return Trial::test(name, run);
    }
    match needs.iter().find_map(|need| need.missing().map(|reason| (*need, reason))) {
        None => Trial::test(name, run),
        Some((need, reason)) if need.required() => {
            let reason = format!("{} is set, but: {reason}", need.variable());
            Trial::test(name, move || Err(reason.into()))
        }
        Some((_, reason)) => {
            // The kind is printed before the name, so that the reason is seen on its one line.
            let kind = reason.lines().next().unwrap_or_default().to_owned();
            Trial::test(name, move || Err(reason.into())).with_kind(kind).with_ignored_flag(true)
        }
    }
}

/// Whether this run of the tests will run the trial of that name, by the rules of the harness.
fn wanted(arguments: &Arguments, name: &str) -> bool {
    let matches = |filter: &String| if arguments.exact { name == filter } else { name.contains(filter.as_str()) };
    !arguments.list && arguments.filter.as_ref().is_none_or(matches) && !arguments.skip.iter().any(matches)
}
