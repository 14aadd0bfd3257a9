//! The HTML report, opened in Chromium from the disk as a user would: what it shows, what it asks for,
//! what a keyboard and a screen reader find. `tests/clients/browser/look.mjs` looks; here is asserted.
//!
//! `ARMTAPE_PICTURES=write` makes the pictures in `docs/` anew.

mod support;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use fs_err as fs;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

use support::{
    clients, process,
    shared::shared,
    trial::{Need, trial},
};

const ARMTAPE: &str = env!("CARGO_BIN_EXE_armtape");

/// What a look at a page may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(240);

/// Bytes that the page of the largest real recording may have.
const LARGEST: u64 = 2 * 1024 * 1024;

/// What recorded text would be if it could: each of these sets `ran`, or asks for something.
const HOSTILE: &str = "</script><script>ran=1</script><img src=\"http://127.0.0.1:9/x\" onerror=\"ran=1\">\
                       <svg onload='ran=1'></style>\"'` onfocus=ran=1 autofocus \u{1b}[2J\u{202e}\u{2028}]]>-->";

fn main() {
    let trials = vec![
        trial("the checker finds what is wrong", &[Need::Browser], checker),
        trial("a page of check", &[Need::Browser], check),
        trial("a page of replay", &[Need::Browser], replay),
        trial("a page of diff", &[Need::Browser], diff),
        trial("the page of the largest recording", &[Need::Browser, Need::Shared], largest),
        trial("recorded text runs nothing and asks for nothing", &[Need::Browser], hostile),
        trial("filters, deep links and the keyboard", &[Need::Browser], walk),
        trial("without findings there is a page, too", &[Need::Browser], clean),
        Trial::test("a place that cannot be written is an error", places),
        trial("pictures", &[Need::Browser], pictures),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A folder with recordings in it.
struct Ground(tempfile::TempDir);

impl Ground {
    fn new() -> Result<Self, Failed> {
        Ok(Self(tempfile::tempdir()?))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs armtape here; gives its exit code and what it said.
    fn armtape(&self, words: &[&str]) -> Result<(i32, String), Failed> {
        let mut command = Command::new(ARMTAPE);
        // As a user names it, in the pictures, too.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folder = Path::new(ARMTAPE).parent().map(Path::to_owned);
        let path = std::env::join_paths(folder.into_iter().chain(std::env::split_paths(&path)))?;
        command.current_dir(self.0.path()).args(words).env_remove("CI").env("PATH", path);
        let output = process::run(&mut command, LIMIT)?;
        Ok((output.status.code().unwrap_or(-1), output.stderr))
    }

    /// A cassette of the embedded service, and a pending one that differs.
    fn record(&self) -> Result<(), Failed> {
        let record = ["record", "--upstream", "embedded", "--cassette", "a.json"];
        let client = ["--", "armtape", "client"];
        self.expect(0, &[&record[..], &client].concat())?;
        self.expect(1, &[&record[..], &["--retry-after", "2"], &client].concat())
    }

    /// Plays scripts to a client that always says that all is well.
    fn check(&self, report: &str) -> Result<(), Failed> {
        let client = "armtape client --by-variables > /dev/null || true";
        let report = format!("html={report}");
        self.expect(
            1,
            &["check", "--scenario", "SC-{001,03[0-4],065,105,109}", "--report", &report, "--", "sh", "-c", client],
        )
    }

    fn expect(&self, code: i32, words: &[&str]) -> Result<(), Failed> {
        let (found, said) = self.armtape(words)?;
        if found == code { Ok(()) } else { Err(format!("{words:?} ended with {found}:\n{said}").into()) }
    }
}

fn look(words: &[&str]) -> Result<Value, Failed> {
    let clients::Browser { chromium, script } = clients::browser()?;
    let mut command = Command::new("node");
    command.arg(script).args(words).env("CHROMIUM", chromium);
    let output = process::run(&mut command, LIMIT)?.success()?;
    Ok(serde_json::from_str(&output.stdout)?)
}

/// Nothing is wrong with a page, in light and dark, on a narrow screen and without its script.
fn fine(page: &Path, has_filters: bool) -> Result<(), Failed> {
    let seen = look(&["check", &page.display().to_string()])?;
    let mut expected = json!({
        "violations": { "light": [], "dark": [], "narrow": [] },
        "requests": [], "errors": [], "dialogs": [], "ran": false,
    });
    for look in ["light", "dark", "narrow", "no script"] {
        expected[format!("{look} overflows")] = json!(false);
        expected[format!("{look} filters")] = json!(has_filters && look != "no script");
    }
    same(&seen, &expected)
}

fn same(found: &Value, expected: &Value) -> Result<(), Failed> {
    if found == expected { Ok(()) } else { Err(format!("found {found:#}\nexpected {expected:#}").into()) }
}

/// A checker that finds nothing anywhere would prove nothing.
fn checker() -> Result<(), Failed> {
    let ground = Ground::new()?;
    let page = ground.path("bad.html");
    let bad = "<html><title></title><style>@media (prefers-color-scheme: dark) { p { color: #111; background: #000 } }\
               </style><p>dim<img src=x.png onerror='ran=1'><input><script>console.log('hm')</script>";
    fs::write(&page, bad)?;
    let seen = look(&["check", &page.display().to_string()])?;
    let has = |look: &str, rule: &str| seen["violations"][look].to_string().contains(rule);
    let found = [
        has("light", "image-alt"),
        !has("light", "color-contrast"),
        has("dark", "color-contrast"),
        has("narrow", "label"),
        seen["ran"] == true,
        seen["requests"].to_string().contains("x.png"),
        seen["errors"].to_string().contains("hm"),
    ];
    if found.contains(&false) { Err(format!("{found:?} {seen:#}").into()) } else { Ok(()) }
}

fn check() -> Result<(), Failed> {
    let ground = Ground::new()?;
    ground.check("pages/check.html")?;
    fine(&ground.path("pages/check.html"), true)
}

fn replay() -> Result<(), Failed> {
    let ground = Ground::new()?;
    ground.record()?;
    let replay = ["replay", "a.json", "--polls", "2", "--report", "html=a.html", "--", "armtape", "client"];
    ground.expect(0, &replay)?;
    fine(&ground.path("a.html"), false)?;
    ground.expect(1, &[&replay[..], &["--api-version", "2017-01-01"]].concat())?;
    let text = fs::read_to_string(ground.path("a.html"))?;
    for told in ["missing from the tape: PUT …/Microsoft.CustomerInsights/", "the tape has `2017-04-26`", "unused: "]
    {
        if !text.contains(told) {
            return Err(format!("not on the page: {told}").into());
        }
    }
    fine(&ground.path("a.html"), false)
}

fn diff() -> Result<(), Failed> {
    let ground = Ground::new()?;
    ground.record()?;
    ground.expect(1, &["diff", "a.json", "a.json.new", "--timings", "--report", "html=a.html"])?;
    fine(&ground.path("a.html"), false)
}

fn largest() -> Result<(), Failed> {
    let ground = Ground::new()?;
    let folder = shared().ok_or("no recordings")?.join("data/recordings");
    let files = below(&folder)?;
    let mut sizes: Vec<(u64, PathBuf)> = Vec::new();
    for file in files {
        let words = ["lint", &file.display().to_string(), "--notes", "--report", "html=a.html"];
        let (code, said) = ground.armtape(&words)?;
        if code == 2 {
            continue;
        }
        if code > 1 {
            return Err(said.into());
        }
        let size = fs::metadata(ground.path("a.html"))?.len();
        fs::rename(ground.path("a.html"), ground.path(&format!("{}.html", sizes.len())))?;
        sizes.push((size, ground.path(&format!("{}.html", sizes.len()))));
    }
    let (size, page) = sizes.iter().max().ok_or("no page")?;
    if sizes.len() < 29 || *size > LARGEST {
        return Err(format!("{} pages, the largest with {size} bytes", sizes.len()).into());
    }
    fine(page, true)
}

/// The recordings of a folder: every file but those that describe them.
fn below(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(below(&path)?);
        } else if path.extension().is_some_and(|extension| extension != "md" && extension != "csv") {
            files.push(path);
        }
    }
    Ok(files)
}

/// A recording in which everything that may be text is hostile.
fn tape(words: &str, polls: usize) -> Value {
    let path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.X/things/a";
    let target = format!("{path}?api-version=1&q={words}");
    let poll = format!("{path}/operations/1?api-version=1");
    let state = |state: &str| json!({ "note": words, words: state, "properties": { "provisioningState": state } });
    let exchange = |method: &str, target: &str, status: u16, state: Value| {
        json!({
            "request": {
                "method": method, "target": target, "scheme": "https", "authority": "management.azure.com",
                "headers": { "accept": [words] },
            },
            "response": {
                "status": status,
                "headers": {
                    "location": [format!("https://management.azure.com{poll}")], "retry-after": ["15"],
                    "content-type": [words],
                },
                "body": { "json": state },
            },
            "notes": [words],
        })
    };
    let mut interactions = vec![exchange("PUT", &target, 202, state("Creating"))];
    interactions.extend((0..polls).map(|_| exchange("GET", &poll, 202, state(words))));
    interactions.push(exchange("GET", &poll, 200, state("Succeeded")));
    // A finding, with hostile text at hand: a body that is no JSON.
    let refused = json!({ "error": { "code": words, "message": words } });
    interactions.push(exchange("PUT", &format!("/subscriptions/s/{words}"), 400, refused));
    json!({ "armtape": 1, "command": [words], "recorded": "2026-11-28T00:00:00Z", "interactions": interactions })
}

fn hostile() -> Result<(), Failed> {
    let ground = Ground::new()?;
    // A name that a file may have.
    let name = "<img src=x onerror=ran=1>\"'&.json";
    fs::write(ground.path(name), format!("{:#}\n", tape(HOSTILE, 6)))?;
    fs::write(ground.path("plain.json"), format!("{:#}\n", tape("plain", 3)))?;
    let lint = ground.armtape(&["lint", name, "--notes", "--report", "html=lint.html"])?;
    if lint.0 > 1 {
        return Err(lint.1.into());
    }
    ground.expect(1, &["diff", "plain.json", name, "--report", "html=diff.html"])?;
    for page in ["lint.html", "diff.html"] {
        let text = fs::read_to_string(ground.path(page))?;
        if !text.contains("&lt;img src=") || !text.contains("\\u{202e}") {
            return Err(format!("what is hostile is not on {page}").into());
        }
        fine(&ground.path(page), true)?;
    }
    Ok(())
}

/// Steps of a user, and what is to be seen after each.
fn walk() -> Result<(), Failed> {
    let ground = Ground::new()?;
    ground.check("a.html")?;
    let page = ground.path("a.html").display().to_string();
    let text = fs::read_to_string(&page)?;
    let all = text.matches("<article class=\"entry\"").count();
    let of = |part: &str| text.matches(part).count();
    // Each case has one finding.
    let failed = of("<tr data-marks=\"violation\" data-rules=\"LRO-C-36\"");
    let warned = of("<tr data-marks=\"warning\"");
    let seen = look(&[
        "walk",
        &page,
        &json!([
            ["select", "[name=rule]", "LRO-C-36"],
            ["fill", "[name=text]", "no such text anywhere"],
            ["hash", "SC-034"],
            ["open", "#show?rule=LRO-C-36"],
            ["open", "#finding-1"],
            ["click", ".remark .rule"],
            ["click", "#LRO-C-36 .also a"],
            ["open", ""],
            ["press", "Tab"],
            ["press", "Enter"],
            ["press", "Tab"],
            ["press", "Space"],
            ["open", "#op-1-2"],
            ["press", "Tab"],
            ["press", "Enter"],
        ])
        .to_string(),
    ])?;
    let steps = &seen["steps"];
    let open = |number: usize| steps[number]["open"].as_u64().unwrap_or_default();
    let mut wrong = Vec::new();
    let mut expect = |what: &str, found: &Value, expected: Value| {
        if *found != expected {
            wrong.push(format!("{what}: found {found}, expected {expected}"));
        }
    };
    for key in ["requests", "errors", "dialogs"] {
        expect(key, &seen[key], json!([]));
    }
    expect("all entries", &steps[0]["entries"], json!(all));
    expect("a rule", &steps[0]["shown"], json!(failed));
    expect("a rule, listed", &steps[0]["listed"], json!(failed));
    expect("a rule, said", &steps[0]["said"], json!(format!("{failed} of {all} shown")));
    expect("a rule, in the address", &steps[0]["hash"], json!("#show?rule=LRO-C-36"));
    expect("a text", &steps[1]["shown"], json!(0));
    expect("a link past the filters", &steps[2]["shown"], json!(all));
    expect("a link to a scenario", &steps[2]["focus"]["id"], json!("SC-034"));
    expect("a link to a scenario, in view", &steps[2]["focus"]["seen"], json!(true));
    expect("filters from the address", &steps[3]["shown"], json!(failed));
    expect("a link to a finding", &steps[4]["focus"]["id"], json!("finding-1"));
    expect("a link to a finding, in view", &steps[4]["focus"]["seen"], json!(true));
    expect("from a finding to its rule", &steps[5]["focus"]["id"], json!("LRO-C-36"));
    expect("from a rule to its finding", &steps[6]["focus"]["id"], json!("finding-1"));
    expect("the first stop of the keyboard", &steps[8]["focus"]["class"], json!("skip"));
    expect("the first stop, seen", &steps[8]["focus"]["seen"], json!(true));
    expect("the first stop, marked", &steps[8]["outline"], json!("solid"));
    expect("past the head", &steps[9]["focus"]["id"], json!("main"));
    expect("the first filter", &steps[10]["focus"]["name"], json!("input"));
    expect("the first filter, off", &steps[11]["shown"], json!(warned));
    expect("the first filter, in the address", &steps[11]["hash"], json!("#show?mark=warning"));
    expect("an exchange", &steps[12]["focus"]["id"], json!("op-1-2"));
    expect("its line", &steps[13]["focus"]["name"], json!("summary"));
    expect("its text, opened", &json!(open(14)), json!(open(13) + 1));
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{seen:#}", wrong.join("\n")).into()) }
}

fn clean() -> Result<(), Failed> {
    let ground = Ground::new()?;
    ground.record()?;
    ground.expect(0, &["diff", "a.json", "a.json", "--report", "html=a.html"])?;
    fine(&ground.path("a.html"), false)?;
    ground.expect(2, &["replay", "a.json", "--report", "html=a.html", "--", "true"])?;
    fine(&ground.path("a.html"), false)
}

fn places() -> Result<(), Failed> {
    let ground = Ground::new()?;
    fs::write(ground.path("a.json"), format!("{:#}\n", tape("plain", 1)))?;
    fs::create_dir(ground.path("folder"))?;
    fs::write(ground.path("file"), "")?;
    for (place, code, said) in [
        ("html=-", 2, "`-` is none"),
        ("html=folder", 2, "folder is a folder"),
        ("html=file/a.html", 3, "cannot write the report to file"),
        ("html=", 2, "a report is one of"),
    ] {
        let (found, text) = ground.armtape(&["lint", "a.json", "--report", place])?;
        if found != code || !text.contains(said) {
            return Err(format!("{place}: {found}, {text}").into());
        }
    }
    Ok(())
}

/// The pictures of docs/report.md. They are made where they are asked for; else it is seen that they can be.
fn pictures() -> Result<(), Failed> {
    let ground = Ground::new()?;
    ground.check("check.html")?;
    ground.record()?;
    ground.expect(1, &["diff", "a.json", "a.json.new", "--report", "html=diff.html"])?;
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let is_wanted = std::env::var_os("ARMTAPE_PICTURES").is_some_and(|value| value == "write");
    let folder = if is_wanted { docs } else { ground.path("") };
    for (page, picture, scheme, place, height) in [
        ("check.html", "report-light.png", "light", "", "860"),
        ("check.html", "report-dark.png", "dark", "#SC-105", "700"),
        ("diff.html", "report-diff.png", "light", "", "900"),
    ] {
        let (page, picture) = (ground.path(page).display().to_string(), folder.join(picture));
        look(&["picture", &page, &picture.display().to_string(), scheme, place, height])?;
        let size = fs::metadata(&picture)?.len();
        if !(10_000..150_000).contains(&size) {
            return Err(format!("{}: {size} bytes", picture.display()).into());
        }
    }
    Ok(())
}
