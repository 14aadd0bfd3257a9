//! What a generated case costs in virtual time: drawn, made a script with its truth, played to the
//! reference client, judged.
//!
//! `cargo bench --bench generated [-- --cases N]`. docs/performance.md says what the figures mean.

use std::{
    error::Error,
    io::Write as _,
    time::{Duration, Instant},
};

use armtape::{
    client::{self, OutcomeKind},
    judge::{self, Conversation, Ending, Kind, Knobs, Known, Outcome},
    simulate::{
        generated::{Covered, Draws, Grammar, Recipe},
        scenario::{self, Case, Draw, Operation, Pace, Places, Ran, Scenario, Subject},
    },
};

const CASES: usize = 20_000;
const INTERVAL: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let cases = match arguments.iter().position(|argument| argument == "--cases") {
        Some(at) => arguments.get(at + 1).ok_or("--cases wants a number")?.parse()?,
        None => CASES,
    };
    let mut out = std::io::stdout().lock();
    let began = Instant::now();
    let draws = Draws::new(1, Grammar::everything());
    writeln!(out, "covering array: {} ms, {} rows", began.elapsed().as_millis(), draws.until_pairs())?;

    // Step by step, on one thread.
    let began = Instant::now();
    let recipes: Vec<Recipe> = (0..cases).map(|index| draws.case(index)).collect();
    step(&mut out, "drawn", cases, began)?;
    let began = Instant::now();
    let scenarios: Vec<Scenario> = recipes.iter().map(Recipe::scenario).collect();
    step(&mut out, "made a script with its truth", cases, began)?;
    let began = Instant::now();
    let subjects: Vec<Vec<Subject>> =
        recipes.iter().zip(&scenarios).map(|(recipe, scenario)| subjects(recipe, scenario)).collect();
    step(&mut out, "given a body", cases, began)?;
    let began = Instant::now();
    let played: Vec<(Ran, Draw, Knobs)> = scenarios
        .iter()
        .zip(subjects)
        .zip(0..)
        .map(|((scenario, subjects), seed)| play(scenario, subjects, seed))
        .collect();
    step(&mut out, "played", cases, began)?;
    let began = Instant::now();
    let found: usize =
        scenarios.iter().zip(&played).map(|(scenario, (ran, draw, knobs))| judged(scenario, ran, draw, knobs)).sum();
    step(&mut out, "judged", cases, began)?;
    let mut covered = Covered::new(&draws);
    recipes.iter().zip(&played).for_each(|(recipe, (ran, ..))| covered.add(recipe, &ran.seen));
    writeln!(out, "{found} findings, {} of {} pairs shown", covered.pairs(), covered.of())?;

    // Whole cases, on one thread and on every core.
    for threads in [1, std::thread::available_parallelism().map_or(1, usize::from)] {
        let fresh = Draws::new(2, Grammar::everything());
        let began = Instant::now();
        std::thread::scope(|scope| {
            for first in 0..threads {
                let draws = &fresh;
                scope.spawn(move || (first..cases).step_by(threads).map(|index| whole(draws, index)).sum::<usize>());
            }
        });
        step(&mut out, &format!("whole, on {threads} threads"), cases, began)?;
    }
    Ok(())
}

fn step(out: &mut impl std::io::Write, what: &str, cases: usize, began: Instant) -> std::io::Result<()> {
    let took = began.elapsed().as_secs_f64();
    let each = took * 1e6 / cases as f64;
    writeln!(out, "{what}: {each:.1} µs a case, {:.0} cases a second", cases as f64 / took)
}

fn whole(draws: &Draws, index: usize) -> usize {
    let recipe = draws.case(index);
    let scenario = recipe.scenario();
    let (ran, draw, knobs) = play(&scenario, subjects(&recipe, &scenario), index as u64);
    judged(&scenario, &ran, &draw, &knobs)
}

fn subjects(recipe: &Recipe, scenario: &Scenario) -> Vec<Subject> {
    let names: &[&str] = if scenario.operation == Operation::Pair { &["One", "Two"] } else { &["One"] };
    names.iter().map(|name| recipe.dress(Subject::profile(name))).collect()
}

fn play(scenario: &Scenario, subjects: Vec<Subject>, seed: u64) -> (Ran, Draw, Knobs) {
    let case = Case {
        scenario: scenario.clone(),
        draw: Draw::new(seed),
        subjects,
        places: Places::default(),
        pace: Pace::AS_WRITTEN,
    };
    let settings = scenario::settings(&case, INTERVAL);
    let keeps_body = matches!(scenario.operation, Operation::Put | Operation::Patch | Operation::CreateOnly);
    let knobs = Knobs {
        interval: Some(INTERVAL),
        timeout: settings.timeout,
        trusted_hosts: settings.trusted_hosts.clone(),
        interrupted: scenario.operation == Operation::Abort,
        resumes: scenario.operation == Operation::Resume,
        intended: keeps_body.then(|| case.subjects[0].body.to_string().into()),
        ..Knobs::default()
    };
    let draw = case.draw.clone();
    let ran = scenario::run_virtually(case, &settings);
    let knobs = Knobs { over: Some(ran.interrupted.unwrap_or(ran.took)), ..knobs };
    (ran, draw, knobs)
}

fn judged(scenario: &Scenario, ran: &Ran, draw: &Draw, knobs: &Knobs) -> usize {
    let first = if scenario.operation == Operation::Rerun { ran.outcomes.len() - 1 } else { 0 };
    let outcome = outcome(&ran.outcomes[first..]);
    let known = Known { scenario, draw, seen: &ran.seen };
    let conversation = Conversation::new(&ran.trace).with_knobs(knobs.clone()).with_outcome(&outcome).with_known(known);
    judge::judge(&conversation).findings.len()
}

/// The last word of the client; of two operations, of the one that went worse.
fn outcome(outcomes: &[Option<client::Outcome>]) -> Outcome {
    let worst = outcomes.iter().max_by_key(|outcome| match outcome {
        None => 2,
        Some(outcome) => u8::from(outcome.kind != OutcomeKind::Succeeded),
    });
    let Some(Some(outcome)) = worst else {
        return Outcome { kind: Kind::NoSuccess, ending: Ending::Stopped, output: String::new(), resource: None };
    };
    Outcome {
        kind: match outcome.kind {
            OutcomeKind::Succeeded => Kind::Success,
            OutcomeKind::Failed => Kind::Failed,
            OutcomeKind::Canceled => Kind::Canceled,
            OutcomeKind::Timeout => Kind::Timeout,
            OutcomeKind::Unknown => Kind::Unknown,
        },
        ending: Ending::Itself,
        output: format!("{} {}", outcome.code.as_deref().unwrap_or_default(), outcome.message),
        resource: outcome.resource.clone(),
    }
}
