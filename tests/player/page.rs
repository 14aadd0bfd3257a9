//! docs/replay.md: a line for each recording, and a line for each exception with its reason.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use fs_err as fs;
use libtest_mimic::Failed;

use crate::{forms::Form, recording::Recording};

/// An answer that is not the recorded one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Differs {
    /// The interaction that was asked, from 0.
    pub(crate) interaction: usize,
    pub(crate) what: String,
}

/// What was measured of a recording.
pub(crate) struct Row {
    file: String,
    cells: Vec<String>,
    exceptions: BTreeMap<Differs, Vec<Form>>,
}

/// The page: the cells of its two tables.
pub(crate) struct Page {
    figures: Vec<Vec<String>>,
    exceptions: Vec<Vec<String>>,
}

impl Row {
    pub(crate) fn new(recording: &Recording) -> Self {
        let (format, name) = recording.file.split_once('/').unwrap_or_default();
        let counts = [recording.len(), recording.operations.len()].map(|count| count.to_string());
        let cells = [format!("`{name}`"), format.to_owned()].into_iter().chain(counts).collect();
        Self { file: recording.file.clone(), cells, exceptions: BTreeMap::new() }
    }

    /// Notes what one form showed.
    pub(crate) fn enter(&mut self, form: Form, differs: Vec<Differs>) {
        self.cells.push(match differs.len() {
            0 => "ok".to_owned(),
            1 => "1 exception".to_owned(),
            more => format!("{more} exceptions"),
        });
        for one in differs {
            self.exceptions.entry(one).or_default().push(form);
        }
    }

    /// The line of each exception, but for its reason.
    fn exceptions(&self) -> Vec<Vec<String>> {
        let cells = |(differs, forms): (&Differs, &Vec<Form>)| {
            let forms: Vec<&str> = forms.iter().map(|form| form.name()).collect();
            vec![
                self.cells[0].clone(),
                (differs.interaction + 1).to_string(),
                forms.join(", "),
                differs.what.replace('|', "\\|"),
            ]
        };
        self.exceptions.iter().map(cells).collect()
    }

    /// What was measured, as it stands on the page.
    pub(crate) fn text(&self) -> String {
        let mut text = line(&self.cells);
        for exception in self.exceptions() {
            text += &line(&exception);
        }
        text
    }
}

fn line(cells: &[String]) -> String {
    let mut line = String::from("|");
    for cell in cells {
        let _ = write!(line, " {cell} |");
    }
    line + "\n"
}

impl Page {
    pub(crate) fn read() -> Result<Self, Failed> {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/replay.md"))?;
        let table = |first: &str| -> Vec<Vec<String>> {
            let lines =
                text.lines().skip_while(|line| !line.starts_with(first)).take_while(|line| line.starts_with('|'));
            // Behind the names of the columns and the rule below them.
            lines.skip(2).map(cells).collect()
        };
        Ok(Self { figures: table("| recording | format |"), exceptions: table("| recording | interaction |") })
    }

    /// The recordings that it tells of, as they are told: folder and name.
    pub(crate) fn files(&self) -> Vec<String> {
        let rows = self.figures.iter().filter(|cells| cells[0].starts_with('`'));
        rows.map(|cells| format!("{}/{}", cells[1], cells[0].trim_matches('`'))).collect()
    }

    /// Whether the page says of this recording what was measured, and why it is not more.
    pub(crate) fn check(&self, measured: &Row) -> Result<(), Failed> {
        let of_it = |cells: &&Vec<String>| cells[0] == measured.cells[0];
        let told: Vec<&Vec<String>> = self.figures.iter().filter(of_it).collect();
        let exceptions: Vec<&Vec<String>> = self.exceptions.iter().filter(of_it).collect();
        let reasons = exceptions.iter().all(|cells| cells.len() == 5 && !cells[4].is_empty());
        let same_exceptions =
            exceptions.iter().map(|cells| &cells[..4]).eq(measured.exceptions().iter().map(Vec::as_slice));
        if told == [&measured.cells] && same_exceptions && reasons {
            return Ok(());
        }
        Err(format!(
            "measured of {}:\n{}docs/replay.md says otherwise, or gives no reason",
            measured.file,
            measured.text()
        )
        .into())
    }

    /// The last line is the sum of those above it.
    pub(crate) fn check_sums(&self) -> Result<(), Failed> {
        let (sum, rows) = self.figures.split_last().ok_or("no table")?;
        let count = |column: usize, wanted: &dyn Fn(&str) -> usize| -> String {
            rows.iter().map(|cells| wanted(&cells[column])).sum::<usize>().to_string()
        };
        let number = |cell: &str| cell.parse().unwrap_or_default();
        let well = |cell: &str| usize::from(cell == "ok");
        let mut wanted =
            vec![format!("{} recordings", rows.len()), String::new(), count(2, &number), count(3, &number)];
        wanted.extend((4..sum.len()).map(|column| count(column, &well) + " ok"));
        if *sum == wanted { Ok(()) } else { Err(format!("{sum:?}, not {wanted:?}").into()) }
    }
}

fn cells(line: &str) -> Vec<String> {
    let cells = line.trim().trim_start_matches('|').trim_end_matches('|');
    cells.split(" | ").map(|cell| cell.trim().to_owned()).collect()
}
