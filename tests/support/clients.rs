//! Real clients: Azure SDKs driven by a small script each. Those of Python and JavaScript are installed
//! once from pinned files, under `target/clients/`, in a folder that carries the hash of those files; a link
//! without the hash leads there. What is too large for that is used where it is installed already: the SDK
//! for Go, of which the script is built, and the Azure CLI.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::Duration,
};

use fs_err as fs;

use super::process;

/// A registry may be slow; what hangs for longer than this never comes.
const INSTALL: Duration = Duration::from_secs(600);

/// Asking a tool for its version.
const PROBE: Duration = Duration::from_secs(60);

/// What is written last into a folder: without it an installation was cut short.
const COMPLETE: &str = ".complete";

const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The interpreter of a virtual environment that has the Python SDK.
pub(crate) fn python() -> Result<PathBuf, String> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PYTHON.get_or_init(install_python).clone()
}

/// The Python script. It is run from where it lies.
pub(crate) fn python_script() -> PathBuf {
    sources("python").join("create_update.py")
}

/// A script beside it, which asks for a list of things.
pub(crate) fn python_wire(library: &str) -> PathBuf {
    sources("python").join(format!("wire_{library}.py"))
}

/// Node, and the folder that has the JavaScript SDK with `create_update.mjs` beside it.
pub(crate) fn node() -> Result<(PathBuf, PathBuf), String> {
    static NODE: OnceLock<Result<(PathBuf, PathBuf), String>> = OnceLock::new();
    NODE.get_or_init(install_node).clone()
}

/// Node, and the script that drives a newer SDK for JavaScript.
pub(crate) fn newer_js() -> Result<(PathBuf, PathBuf), String> {
    static JS: OnceLock<Result<(PathBuf, PathBuf), String>> = OnceLock::new();
    let install = || {
        let folder = install_packages("js-resources")?;
        copy(&sources("js-resources").join("create_update.mjs"), &folder)?;
        Ok((PathBuf::from("node"), folder.join("create_update.mjs")))
    };
    JS.get_or_init(install).clone()
}

/// The program that is built of the Go script, where Debian's packages are: they take half a gigabyte.
pub(crate) fn go() -> Result<PathBuf, String> {
    static GO: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    GO.get_or_init(build_go).clone()
}

/// The Azure CLI, where it is installed.
pub(crate) fn az() -> Result<PathBuf, String> {
    static AZ: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    AZ.get_or_init(|| probe("az", "version").map(|_| PathBuf::from("az"))).clone()
}

/// Where Debian puts the sources of Go packages.
const GO_SOURCES: &str = "/usr/share/gocode";

fn build_go() -> Result<PathBuf, String> {
    let version = probe("go", "version")?;
    let sdk = Path::new(GO_SOURCES).join("src/github.com/Azure/azure-sdk-for-go/services/resources");
    if !sdk.is_dir() {
        return Err("no Azure SDK for Go (Debian package `golang-github-azure-azure-sdk-for-go-dev`)".to_owned());
    }
    let source = sources("go").join("create_update.go");
    let folder = install("go", &[&source], &version, |folder| {
        let mut build = Command::new("go");
        let cache = folder.join("cache");
        build.args(["build", "-o"]).arg(folder.join("create_update")).arg(&source).env("GOCACHE", &cache);
        // Packages of a distribution have no modules.
        step(build.env("GO111MODULE", "off").env("GOPATH", GO_SOURCES).env("GOFLAGS", ""))?;
        fs::remove_dir_all(cache).map_err(text)
    })?;
    Ok(folder.join("create_update"))
}

/// A browser, and what drives it.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    /// `look.mjs`, beside its packages.
    pub(crate) script: PathBuf,
}

/// Chromium, and a script that looks at a page with it.
pub(crate) fn browser() -> Result<Browser, String> {
    static BROWSER: OnceLock<Result<Browser, String>> = OnceLock::new();
    BROWSER.get_or_init(install_browser).clone()
}

fn install_browser() -> Result<Browser, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut found = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    let chromium = found.find(|file| file.is_file()).ok_or("no chromium (Debian package `chromium`)")?;
    let folder = install_packages("browser")?;
    copy(&sources("browser").join("look.mjs"), &folder)?;
    Ok(Browser { chromium, script: folder.join("look.mjs") })
}

fn install_python() -> Result<PathBuf, String> {
    let version = probe(PYTHON, "--version")?;
    let requirements = sources("python").join("requirements.txt");
    // A virtual environment is bound to the interpreter that made it.
    let folder = install("python", &[&requirements], &version, |folder| {
        step(Command::new(PYTHON).args(["-m", "venv"]).arg(folder))?;
        step(
            Command::new(interpreter(folder))
                .args(["-m", "pip", "install", "--quiet", "--no-input", "-r"])
                .arg(&requirements),
        )
    })?;
    Ok(interpreter(&folder))
}

fn install_node() -> Result<(PathBuf, PathBuf), String> {
    let folder = install_packages("js")?;
    // A module finds its packages from where it lies, so the scripts lie there, in their newest form.
    for script in ["create_update.mjs", "wire_undici.mjs"] {
        copy(&sources("js").join(script), &folder)?;
    }
    Ok((PathBuf::from("node"), folder))
}

/// A folder with the packages that a lock file names.
fn install_packages(name: &str) -> Result<PathBuf, String> {
    let version = probe("node", "--version")?;
    probe(NPM, "--version")?;
    let sources = sources(name);
    let pinned = [sources.join("package.json"), sources.join("package-lock.json")];
    install(name, &[&pinned[0], &pinned[1]], &version, |folder| {
        for file in &pinned {
            copy(file, folder)?;
        }
        step(Command::new(NPM).current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
    })
}

/// The folder of a client, filled by `fill` if nobody has done so yet. Other threads and other
/// processes wait for it meanwhile.
fn install(
    name: &str,
    pinned: &[&Path],
    version: &str,
    fill: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    for file in pinned {
        fs::read(file).map_err(text)?.hash(&mut hasher);
    }
    let root = root()?;
    fs::create_dir_all(&root).map_err(text)?;
    let folder = root.join(format!("{name}-{:016x}", hasher.finish()));
    let lock = fs::File::create(folder.with_extension("lock")).map_err(text)?;
    lock.file().lock().map_err(text)?;
    if !folder.join(COMPLETE).exists() {
        say(&format!("installing the {name} client into {}", folder.display()));
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(text)?;
        }
        fs::create_dir(&folder).map_err(text)?;
        fill(&folder).map_err(|error| format!("failed to install the {name} client: {error}"))?;
        fs::write(folder.join(COMPLETE), version).map_err(text)?;
        say(&format!("installed the {name} client"));
    }
    link(&folder, &root.join(name))?;
    Ok(folder)
}

/// Gives a client a name without a hash, for the commands on tapes. The caller holds the lock.
fn link(folder: &Path, name: &Path) -> Result<(), String> {
    if fs::read_link(name).is_ok_and(|target| target == folder) {
        return Ok(());
    }
    match fs::remove_file(name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(text(error)),
        _ => {}
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder, name).map_err(text)?;
    #[cfg(windows)]
    std::os::windows::fs::symlink_dir(folder, name).map_err(text)?;
    Ok(())
}

/// Copies a file into a folder, whole at every moment: a client may be reading the older one.
fn copy(file: &Path, folder: &Path) -> Result<(), String> {
    let wanted = fs::read(file).map_err(text)?;
    let target = folder.join(file.file_name().unwrap_or_default());
    if fs::read(&target).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    let mut draft = tempfile::NamedTempFile::new_in(folder).map_err(text)?;
    draft.write_all(&wanted).map_err(text)?;
    draft.persist(&target).map_err(|error| text(error.error))?;
    Ok(())
}

/// What a tool says of its version; `Err` where it is not there.
pub(crate) fn probe(tool: &str, argument: &str) -> Result<String, String> {
    let output = process::run(Command::new(tool).arg(argument), PROBE)?.success();
    output.map(|output| output.stdout).map_err(|error| format!("`{tool} {argument}`: {error}"))
}

fn step(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let output = process::run(command, INSTALL)?;
    output.success().map(drop).map_err(|error| format!("{shown}: {error}"))
}

fn interpreter(folder: &Path) -> PathBuf {
    folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

fn sources(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Where the clients lie, each under a name without a hash.
pub(crate) fn root() -> Result<PathBuf, String> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    Ok(scratch.parent().ok_or("the target folder has no parent")?.join("clients"))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn text(error: io::Error) -> String {
    error.to_string()
}

fn say(text: &str) {
    // Past the harness, which would keep it back: this may take a while.
    let _ = writeln!(io::stderr(), "{text}");
}
