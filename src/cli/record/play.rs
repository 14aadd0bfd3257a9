//! The recording itself: around the client, and what becomes of it.

use std::path::Path;

use super::{Args, tell, verify};
use crate::{
    cassette::{Reel, Stored},
    cli::{
        Code,
        ca::Kept,
        gitignore,
        say::{self, Failure, count},
        stage::Stage,
    },
    config::Sections,
    record::{Doubt, Embedded, NotStored, Origin, Real, RecorderConfig, Recording, Rescued, ServiceUrl, Take},
    redact::Redactor,
    simulate::Service,
};

/// What every recording needs, whatever stands behind it.
struct Run<'a> {
    args: &'a Args,
    settings: &'a Sections,
    path: &'a Path,
    /// What was recorded before, and is to be kept.
    known: Option<Reel>,
    redactor: Redactor,
}

/// Records one cassette. The code, and that of the client, if there was one.
pub(super) async fn play(
    args: &Args,
    settings: &Sections,
    service: ServiceUrl,
    path: &Path,
    known: Option<Reel>,
) -> Result<(Code, Option<Code>), Failure> {
    let config = args.recorder(service, &settings.hosts)?;
    let redactor = args.redactor(&settings.redact)?;
    let run = Run { args, settings, path, known, redactor };
    let kept = args.ca_dir.as_deref().map(Kept::open).transpose()?;
    let identity = kept.as_ref().map(|kept| &kept.identity);
    let (hosts, direct) = (config.hosts.names(), &settings.hosts.direct);
    let stage = Stage::set(&args.listen, hosts, direct, args.is_embedded(), identity).await?;
    if args.is_embedded() {
        record(stage, config, Embedded::new(Service::new(args.embedded())), run).await
    } else {
        let upstream = args.way_out(&config)?;
        record(stage, config, Real::new(upstream, !args.command.is_empty()), run).await
    }
}

async fn record<O: Origin>(
    stage: Stage,
    config: RecorderConfig,
    origin: O,
    run: Run<'_>,
) -> Result<(Code, Option<Code>), Failure> {
    let Run { args, settings, path, known, redactor } = run;
    let told = |trouble: &str| {
        say::line(&format!("error: the journal cannot be written: {trouble}: the recording goes on in memory"));
    };
    let (recording, rescued) = Recording::begin(path, &args.command, redactor, &settings.redact, known, told)?;
    rescued.iter().flat_map(Rescued::lines).for_each(|line| say::line(&line));
    let recorder = recording.recorder(config, origin, &settings.matching, &settings.hosts).map_err(Failure::usage)?;
    let syncing = tokio::spawn(recording.syncing());
    let played = stage.play(recorder, &args.command).await;
    syncing.abort();
    let (server, ending) = match played {
        Ok(played) => played,
        Err(failure) => {
            tell::journal(recording.abandon());
            return Err(failure);
        }
    };
    let client = ending.code();
    let is_around = !args.command.is_empty();
    let take = recording.end(server.handler());
    tell::seen(&take.seen);
    let suspects = tell::replaced(&take);
    let mut ours = if take.recorded > 0 {
        if let Some(answered) = take.answered {
            say::line(&format!("{} answered from {}", count(answered, "request"), path.display()));
        }
        // Of a client that failed, or that was stopped in the middle, nobody knows how far it got.
        let doubt = match client.number() {
            0 => verify::verified(&take.cassette, path, args, settings).await?,
            _ => Some(Doubt::ClientFailed),
        };
        store(&take, path, doubt, args.gitignore)?
    } else {
        tell::journal(take.end_journal());
        match take.answered.filter(|answered| *answered > 0) {
            Some(answered) => {
                let answered = count(answered, "request");
                say::line(&format!("{answered} answered from {}, and nothing new", path.display()));
                Code::Fine
            }
            None => tell::nothing(&take.seen, is_around.then_some(client)),
        }
    };
    if let Some(trouble) = take.trouble() {
        say::line(&format!("error: the journal was not written to its end: {trouble}"));
        ours = ours.or(Code::Machine);
    }
    ours = ours.or(suspects);
    let network = if take.seen.upstream_errors.is_empty() { Code::Fine } else { Code::Machine };
    Ok((client.or(ours).or(network), is_around.then_some(client)))
}

/// Brings it to the disk, and says where it is.
fn store(take: &Take, path: &Path, doubt: Option<Doubt>, mend_gitignore: bool) -> Result<Code, Failure> {
    let first = gitignore::is_first(path);
    match take.store(doubt) {
        Ok(stored) => {
            tell::journal(take.end_journal());
            let code = tell::stored(take, &stored, doubt);
            if let Stored::Pending { path, .. } = &stored {
                gitignore::see_to(path, first, mend_gitignore)?;
            }
            Ok(code)
        }
        Err(NotStored { error, rest }) => {
            let code = say::failure(&Failure::from(error));
            say::line(&rest);
            Ok(code)
        }
    }
}
