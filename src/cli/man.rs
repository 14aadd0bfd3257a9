//! `armtape man`

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    Code,
    env::print,
    say::{self, Failure, count},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The page of this command, such as `record` [default: that of armtape itself]
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    command: Option<String>,
    /// Write all pages into this folder: `man -M` and `MANPATH` want `.../man/man1`
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    let mut pages = pages()?;
    if let Some(folder) = &args.out {
        return write(&pages, folder);
    }
    let wanted = args.command.as_ref().map_or_else(|| "armtape".to_owned(), |command| format!("armtape-{command}"));
    match pages.remove(&wanted) {
        Some(page) => print(&page).map(|()| Code::Fine),
        None => Err(Failure::usage(format!("there is no page {wanted}"))
            .hint(format!("these are there: {}", pages.into_keys().collect::<Vec<_>>().join(", ")))),
    }
}

/// The pages by their names, which are those of their files but for the section.
fn pages() -> Result<BTreeMap<String, String>, Failure> {
    let mut all = super::public();
    all.build();
    let of_commands = all.get_subcommands().map(|command| {
        let name = format!("armtape-{}", command.get_name());
        (name.clone(), command.clone().display_name(name))
    });
    let named = of_commands.chain([("armtape".to_owned(), all.clone())]);
    named.map(|(name, command)| Ok((name, rendered(command)?))).collect()
}

fn rendered(command: clap::Command) -> Result<String, Failure> {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(command).source(concat!("armtape ", env!("CARGO_PKG_VERSION")));
    page.render(&mut text).map_err(|error| Failure::machine(error.to_string()))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn write(pages: &BTreeMap<String, String>, folder: &Path) -> Result<Code, Failure> {
    let failed = |error: std::io::Error| Failure::machine(format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    for (name, page) in pages {
        fs::write(folder.join(format!("{name}.1")), page).map_err(failed)?;
    }
    say::line(&format!("{} in {}", count(pages.len(), "page"), folder.display()));
    Ok(Code::Fine)
}
