//! The same faulty clients in generated services alone: which are found out, and how small the
//! conversation is that shows it.

use armtape::{
    judge::{self, Severity, Sight},
    simulate::{
        generated::{Draws, Grammar, Recipe, shrink},
        scenario::{Scenario, Subject},
    },
};
use serde_json::Value;

use crate::{bend::Bent, faults::BENT, findings_in};

/// So many cases a fault.
const CASES: usize = 256;

/// The table in docs/proof.md.
const HEAD: &str = "| fault | cases that show it, with seeds 1, 2, 3 | first | answers | the smallest |";

/// Tries for the smallest.
const TRIES: usize = 200;

/// The number of a case's draw.
fn drawn(seed: u64, index: usize) -> u64 {
    seed * 1_000_000 + index as u64
}

fn rules(bent: &Bent) -> &'static [&'static str] {
    match judge::faults().iter().find(|fault| fault.id == bent.id).map(|fault| &fault.sight) {
        Some(Sight::Rules(rules)) => rules,
        _ => &[],
    }
}

/// A case made ready: every faulty client gets the same.
struct Ready {
    recipe: Recipe,
    scenario: Scenario,
    body: Option<Value>,
}

impl Ready {
    fn new(recipe: Recipe) -> Self {
        Self { scenario: recipe.scenario(), body: recipe.drawn_body(), recipe }
    }

    fn dress(&self, subject: Subject) -> Subject {
        match &self.body {
            Some(body) => Subject { body: body.clone(), ..subject },
            None => subject,
        }
    }
}

/// The rules of a fault that a case shows, with their weight.
fn shown(ready: &Ready, seed: u64, bent: &'static Bent) -> Vec<(&'static str, Severity)> {
    let meant = rules(bent);
    let found = findings_in(&ready.scenario, seed, Some(bent), |subject| ready.dress(subject));
    found
        .iter()
        .filter(|finding| meant.contains(&finding.rule))
        .map(|finding| (finding.rule, finding.severity))
        .collect()
}

/// What came of a fault in a row of cases.
#[derive(Default)]
struct Tried {
    /// The first case that shows it.
    first: Option<usize>,
    /// How many do.
    count: usize,
    /// The smallest that shows the same, and how many answers it has.
    smallest: Option<(Recipe, usize)>,
}

fn tried(bent: &'static Bent, seed: u64, row: &[Ready]) -> Tried {
    let mut tried = Tried::default();
    for (index, ready) in row.iter().enumerate() {
        let case = drawn(seed, index);
        let found = shown(ready, case, bent);
        if found.is_empty() {
            continue;
        }
        tried.count += 1;
        if tried.first.is_none() {
            tried.first = Some(index);
            let rule = found[0];
            let shrunk =
                shrink(&ready.recipe, |smaller| shown(&Ready::new(*smaller), case, bent).contains(&rule), TRIES).recipe;
            let scenario = shrunk.scenario();
            tried.smallest = Some((shrunk, crate::answers(&scenario, case, bent, |subject| shrunk.dress(subject))));
        }
    }
    tried
}

/// Each first case that the table names shows its fault.
#[test]
fn the_generated_table_holds() {
    let document = std::fs::read_to_string("docs/proof.md").unwrap();
    let rows: Vec<&str> =
        document.lines().skip_while(|line| *line != HEAD).skip(2).take_while(|line| line.starts_with('|')).collect();
    let draws = Draws::new(1, Grammar::everything());
    let (mut held, mut wrong) = (0, Vec::new());
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let Ok(first) = cells[2].parse() else { continue };
        let bent = BENT.iter().find(|bent| bent.id == cells[0]).unwrap();
        if shown(&Ready::new(draws.case(first)), drawn(1, first), bent).is_empty() {
            wrong.push(format!("{}: case {first} does not show it", bent.id));
        } else {
            held += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(held > 70, "{held} of {} rows", rows.len());
}

/// The kill table, printed for docs/proof.md: it takes minutes without `--release`.
#[test]
#[ignore = "takes minutes: cargo test --release --test mutants generated -- --ignored"]
fn the_generated_table_is_whole() {
    let (mut lines, mut together, mut alone, mut sizes) = (Vec::new(), 0, 0, Vec::new());
    let row = |seed| {
        let draws = Draws::new(seed, Grammar::everything());
        (0..CASES).map(|index| Ready::new(draws.case(index))).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<Ready>> = (1..=3).map(row).collect();
    let document = std::fs::read_to_string("docs/proof.md").unwrap();
    for fault in judge::faults() {
        let by_script = document.lines().any(|line| {
            line.starts_with(&format!("| {} | ", fault.id))
                && (line.contains("| violation |") || line.contains("| warning |"))
        });
        let Some(bent) = BENT.iter().find(|bent| bent.id == fault.id) else { continue };
        let tries: Vec<Tried> = std::thread::scope(|scope| {
            let all: Vec<_> =
                rows.iter().zip(1..).map(|(row, seed)| scope.spawn(move || tried(bent, seed, row))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let found = tries.iter().all(|tried| tried.first.is_some());
        alone += usize::from(found);
        together += usize::from(found || by_script);
        let cases: Vec<String> = tries.iter().map(|tried| tried.count.to_string()).collect();
        let (words, answers) = match tries.iter().find_map(|tried| tried.smallest) {
            Some((recipe, answers)) => {
                sizes.push(answers);
                (recipe.title(), answers.to_string())
            }
            None => (String::new(), String::new()),
        };
        let first = tries[0].first.map(|first| first.to_string()).unwrap_or_default();
        let line = format!("| {} | {} | {first} | {answers} | {words} |", fault.id, cases.join(" "));
        println!("{line}");
        lines.push(line);
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    let table = format!(
        "{HEAD}\n| --- | --- | ---: | ---: | --- |\n{}\n\n{alone} \
         of {} faults are found out by generated cases alone, {together} together with the scripts. The median of the \
         smallest conversations has {median} answers.\n",
        lines.join("\n"),
        judge::faults().len(),
    );
    println!("{table}");
    assert!(median <= 3 && together >= 88, "{table}");
}
