//! docs/replay.md: a line for each recording, and a line for each exception with its reason.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use fs_err as fs;
use libtest_mimic::Failed;

use crate::{
    forms::Form,
    recording::Recording,
    wire::{Broken, Played},
};

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
    broken: BTreeMap<Broken, Vec<Form>>,
    judged: usize,
}

/// The page: the cells of its two tables; and what docs/proof.md says of the rules.
pub(crate) struct Page {
    figures: Vec<Vec<String>>,
    exceptions: Vec<Vec<String>>,
    broken: Vec<Vec<String>>,
}

impl Row {
    pub(crate) fn new(recording: &Recording) -> Self {
        let (format, name) = recording.file.split_once('/').unwrap_or_default();
        let counts = [recording.len(), recording.operations.len()].map(|count| count.to_string());
        let cells = [format!("`{name}`"), format.to_owned()].into_iter().chain(counts).collect();
        Self { file: recording.file.clone(), cells, exceptions: BTreeMap::new(), broken: BTreeMap::new(), judged: 0 }
    }

    /// Notes what one form showed.
    pub(crate) fn enter(&mut self, form: Form, played: Played) {
        self.cells.push(match played.differs.len() {
            0 => "ok".to_owned(),
            1 => "1 exception".to_owned(),
            more => format!("{more} exceptions"),
        });
        for one in played.differs {
            self.exceptions.entry(one).or_default().push(form);
        }
        for broken in played.broken {
            self.broken.entry(broken).or_default().push(form);
        }
        self.judged += played.judged;
    }

    /// The line of each rule that was broken, form by form, but for what is to be said of it.
    fn broken(&self) -> Vec<Vec<String>> {
        let cells = |(rule, weight): Broken, form: Form| {
            vec![form.name().to_owned(), rule.to_owned(), weight.to_owned(), self.cells[0].clone()]
        };
        self.broken.iter().flat_map(|(broken, forms)| forms.iter().map(|form| cells(*broken, *form))).collect()
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
        for cells in self.exceptions().iter().chain(&self.broken()) {
            text += &line(cells);
        }
        text += &format!("{} exchanges judged\n", self.judged);
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
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let (text, proof) = (fs::read_to_string(docs.join("replay.md"))?, fs::read_to_string(docs.join("proof.md"))?);
        let table = |text: &str, first: &str| -> Vec<Vec<String>> {
            let lines =
                text.lines().skip_while(|line| !line.starts_with(first)).take_while(|line| line.starts_with('|'));
            // Behind the names of the columns and the rule below them.
            lines.skip(2).map(cells).collect()
        };
        Ok(Self {
            figures: table(&text, "| recording | format |"),
            exceptions: table(&text, "| recording | interaction |"),
            broken: table(&proof, "| form | rule |"),
        })
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
        // A line names its recordings, or says of how many it is.
        let is_told = |cells: &Vec<String>| {
            self.broken.iter().any(|told| {
                told.len() == 5
                    && told[..3] == cells[..3]
                    && !told[4].is_empty()
                    && (told[3].contains(&cells[3]) || told[3].ends_with(" recordings"))
            })
        };
        let judged_alike = measured.broken().iter().all(is_told);
        if told == [&measured.cells] && same_exceptions && reasons && judged_alike {
            return Ok(());
        }
        Err(format!(
            "measured of {}:\n{}docs/replay.md or docs/proof.md says otherwise, or gives no reason",
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
