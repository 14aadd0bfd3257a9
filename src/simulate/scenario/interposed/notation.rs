//! The words of a fault, read with their places: what is wrong is said with the place and what may stand there.

use std::{fmt, str::FromStr};

use http::Method;

use super::{
    super::{
        answer::{Answer, AnswerError, Fault, RetryAfter},
        model::Target,
        nearest,
    },
    Interposed, Which,
};
use crate::simulate::roles::Role;

const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"];

/// Words with which the service's own answer goes out, spoilt.
const SPOILING: [&str; 4] = ["cut", "short", "stall", "slow"];

/// Why a text is no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterposedError {
    /// Where in the text, in characters from 1.
    pub place: usize,
    /// The word that is there; empty where one is missing.
    pub word: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with a word of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrong {
    /// There is no answer.
    Missing,
    /// It is no answer.
    Answer,
    /// It says nothing in an answer.
    Word {
        /// What it may have been meant to be.
        known: Option<String>,
    },
    /// It has no number, or one that cannot be used.
    Number,
    /// It repeats an answer.
    Repeated,
    /// It is a date reckoned from now, and faults have no clock.
    Date,
    /// It is a state, a URL or a body.
    State,
    /// Nothing says which requests it takes.
    Nowhere,
    /// It is nothing that is asked.
    Which {
        /// What it may have been meant to be.
        known: Option<String>,
    },
    /// It does not say which of the requests.
    Range,
    /// Nothing is expected there.
    Beyond,
}

impl std::error::Error for InterposedError {}

impl fmt::Display for InterposedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, word, wrong } = self;
        match word.as_str() {
            "" => write!(f, "at character {place}: {wrong}"),
            word => write!(f, "at character {place}: `{word}` {wrong}"),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => {
                "the answer is missing: what becomes of the request comes first, as in `503 at write` or `reset at poll 2`"
            }
            Self::Answer => {
                "is no answer: a fault begins with a status from 200 to 599, with `reset`, `close` or `silent`, or, of \
                 the service's own answer, with `cut`, `short`, `stall` or `slow`"
            }
            Self::Word { known } => {
                f.write_str("says nothing")?;
                meant(f, known.as_deref())?;
                return f.write_str(
                    " (behind a status: `!Code`, `retry-after=2`, `Name:value`, `slow 2`, `cut`, `short`, `stall`)",
                );
            }
            Self::Number => "has no number that can be used: `slow 2` is so many seconds, `cut 100` so many bytes",
            Self::Repeated => {
                "repeats nothing: which requests are answered so is said behind `at`, as in `at poll 1..3`"
            }
            Self::Date => "is reckoned from now, and a fault has no clock: write seconds, or the date itself",
            Self::State => "is a state, a URL or a body: those are a scenario's, and a fault has none of its own",
            Self::Nowhere => {
                "it is not said where: `at` and `write`, `poll` or `read`, as in `429 retry-after=2 at poll 2`"
            }
            Self::Which { known } => {
                f.write_str("is no request")?;
                meant(f, known.as_deref())?;
                let targets = Target::NAMES.map(|(name, _)| name).into_iter().filter(|name| *name != "write");
                let targets = targets.collect::<Vec<_>>().join(", ");
                let methods = METHODS.join(", ");
                return write!(f, " (`write`, `poll`, `read`; by method: {methods}; in a scenario: {targets})");
            }
            Self::Range => "does not say which: a number such as `2`, or `1..3`, or `2..`, counted from 1",
            Self::Beyond => "is too much: the number is the last word",
        })
    }
}

fn meant(f: &mut fmt::Formatter<'_>, known: Option<&str>) -> fmt::Result {
    known.map_or(Ok(()), |known| write!(f, "; did you mean `{known}`?"))
}

/// A word with its place in the text.
#[derive(Clone, Debug)]
struct Word {
    place: usize,
    text: String,
}

impl Word {
    fn is(&self, wrong: Wrong) -> InterposedError {
        InterposedError { place: self.place, word: self.text.clone(), wrong }
    }
}

/// The words of a text. Blanks between single quotes are part of a word.
fn words(text: &str) -> Vec<Word> {
    let (mut words, mut quoted): (Vec<Word>, _) = (Vec::new(), false);
    let mut inside = false;
    for (at, letter) in text.chars().enumerate() {
        quoted ^= letter == '\'';
        if letter.is_whitespace() && !quoted {
            inside = false;
            continue;
        }
        if !inside {
            words.push(Word { place: at + 1, text: String::new() });
        }
        inside = true;
        if let Some(word) = words.last_mut() {
            word.text.push(letter);
        }
    }
    words
}

impl FromStr for Interposed {
    type Err = InterposedError;

    fn from_str(text: &str) -> Result<Self, InterposedError> {
        let words = words(text);
        let missing = |wrong| InterposedError { place: text.chars().count() + 1, word: String::new(), wrong };
        let (which, (from, to), answer) = match words.iter().rposition(|word| word.text == "at") {
            Some(at) => {
                let which = words.get(at + 1).ok_or_else(|| missing(Wrong::Nowhere))?;
                if let Some(beyond) = words.get(at + 3) {
                    return Err(beyond.is(Wrong::Beyond));
                }
                let range = words.get(at + 2).map_or(Ok((1, 1)), |word| numbers(word, &word.text))?;
                (with_role(which)?, range, words[..at].to_vec())
            }
            None => short(&words, missing)?,
        };
        let Some(first) = answer.first() else {
            return Err(InterposedError { place: 1, word: String::new(), wrong: Wrong::Missing });
        };
        let spoils = SPOILING.iter().any(|word| first.text.starts_with(word));
        let (answer, after) = read(&answer, spoils)?;
        let answer = match (after, answer.fault) {
            (Some(after), Some(Fault::Cut)) => Answer { fault: Some(Fault::CutAfter(after)), ..answer },
            _ => answer,
        };
        Ok(Self { text: text.to_owned(), which, from, to, answer, spoils, seen: 0 })
    }
}

type Parts = (Which, (usize, usize), Vec<Word>);

/// The other notation: `GET:2=503 RA=1`, and without a number for all of them.
fn short(words: &[Word], missing: impl Fn(Wrong) -> InterposedError) -> Result<Parts, InterposedError> {
    let Some((first, rest)) = words.split_first() else { return Err(missing(Wrong::Missing)) };
    let named = first.text.split_once('=').filter(|(which, _)| !which.eq_ignore_ascii_case("slow"));
    let Some((named, answer)) = named else { return Err(missing(Wrong::Nowhere)) };
    let (which, range) = named.split_once(':').map_or((named, None), |(which, range)| (which, Some(range)));
    let at = |before: &str, text: &str| Word { place: first.place + before.chars().count(), text: text.to_owned() };
    let which = without_role(&at("", which), which)?;
    let range = match range {
        Some(range) => numbers(&at(&named[..named.len() - range.len()], range), range)?,
        None => (1, usize::MAX),
    };
    let first = Some(at(&first.text[..first.text.len() - answer.len()], answer)).filter(|word| !word.text.is_empty());
    Ok((which, range, first.into_iter().chain(rest.iter().cloned()).collect()))
}

/// `2`, `1..3` or `2..`.
fn numbers(word: &Word, range: &str) -> Result<(usize, usize), InterposedError> {
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0).ok_or_else(|| word.is(Wrong::Range));
    let (from, to) = match range.split_once("..") {
        None => (number(range)?, number(range)?),
        Some((from, "")) => (number(from)?, usize::MAX),
        Some((from, to)) => (number(from)?, number(to)?),
    };
    if from > to { Err(word.is(Wrong::Range)) } else { Ok((from, to)) }
}

fn with_role(word: &Word) -> Result<Which, InterposedError> {
    match Role::NAMES.iter().find(|(name, _)| *name == word.text) {
        Some((_, role)) => Ok(Which::Role(*role)),
        None => without_role(word, &word.text),
    }
}

fn without_role(word: &Word, name: &str) -> Result<Which, InterposedError> {
    if let Some((_, target)) = Target::NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(Which::Target(*target));
    }
    match name.parse::<Method>() {
        Ok(method) if METHODS.contains(&name) => Ok(Which::Method(method)),
        _ => {
            let known = METHODS.into_iter().chain(Target::NAMES.map(|(name, _)| name));
            let known = known.chain(Role::NAMES.map(|(name, _)| name));
            let meant = METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(name)).map(str::to_owned);
            Err(word.is(Wrong::Which { known: meant.or_else(|| nearest(name, known)) }))
        }
    }
}

/// The answer, and after how many bytes it is cut.
fn read(words: &[Word], spoils: bool) -> Result<(Answer, Option<usize>), InterposedError> {
    let (script, after) = in_words_of_a_script(words);
    let text: Vec<&str> = script.iter().map(|(word, _)| word.as_str()).collect();
    let text = format!("{}{}", if spoils { "200 " } else { "" }, text.join(" "));
    let at = |found: &str| {
        let place = script.iter().find(|(word, _)| *word == found).map_or(0, |(_, place)| *place);
        words.get(place).unwrap_or(&words[0])
    };
    let (answer, _) = Answer::parse(&text).map_err(|error| match &error {
        AnswerError::Status(word) => at(word).is(Wrong::Answer),
        AnswerError::Word { word, .. } if word == "slow" => at(word).is(Wrong::Number),
        AnswerError::Word { word, .. } => at(word).is(if word.starts_with('+') { Wrong::State } else { no_word(word) }),
        AnswerError::Number(word) => at(word).is(if is_repeat(word) { Wrong::Repeated } else { Wrong::Number }),
    })?;
    let unfit = |word: &&Word| {
        let text = word.text.as_str();
        if is_repeat(text) {
            Some(Wrong::Repeated)
        } else if text.starts_with(['{', '+']) || text.starts_with("body=") || text == "decoy" {
            Some(Wrong::State)
        } else {
            None
        }
    };
    if let Some((word, wrong)) = words.iter().find_map(|word| Some((word, unfit(&word)?))) {
        return Err(word.is(wrong));
    }
    let is_date = answer.retry_after.iter().any(|wait| matches!(wait, RetryAfter::Date(_)));
    match words.iter().find(|word| is_date && word.text.contains("now")) {
        Some(word) => Err(word.is(Wrong::Date)),
        None => Ok((answer, after)),
    }
}

/// A word that says nothing, with the one that was likely meant.
fn no_word(word: &str) -> Wrong {
    let (name, value) = word.split_at(word.find('=').unwrap_or(word.len()));
    let known = nearest(&name.to_ascii_lowercase(), ["retry-after", "slow", "cut", "short", "stall", "applied"]);
    Wrong::Word { known: known.map(|known| format!("{known}{value}")) }
}

/// `x3`, which scripts have.
fn is_repeat(word: &str) -> bool {
    word.strip_prefix('x').is_some_and(|count| !count.is_empty() && count.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The answer in the notation of scripts, each word with the place of the one that it comes from; and after how
/// many bytes it is cut.
fn in_words_of_a_script(answer: &[Word]) -> (Vec<(String, usize)>, Option<usize>) {
    let (mut words, mut after): (Vec<(String, usize)>, _) = (Vec::new(), None);
    for (at, Word { text: word, .. }) in answer.iter().enumerate() {
        match words.last().map(|(word, _)| word.as_str()) {
            Some("slow") => {
                words.pop();
                words.push((format!("slow={}", word.trim_end_matches('s')), at));
            }
            Some("cut") if word.parse::<usize>().is_ok() => after = word.parse().ok(),
            _ => words.push((in_words(word), at)),
        }
    }
    (words, after)
}

fn in_words(word: &str) -> String {
    match word.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("retry-after") => {
            // `2s` is meant as `2`; other texts are sent as they are.
            let seconds = value.strip_suffix('s').filter(|number| number.parse::<u32>().is_ok());
            format!("RA={}", seconds.unwrap_or(value))
        }
        Some(("slow", value)) => format!("slow={}", value.trim_end_matches('s')),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Interposed>().unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_what_may_stand_there() {
        let wrong = [
            "at poll 2",
            "reset",
            "slow=2",
            "429 retry-after=2 at",
            "rest at poll",
            "GET=rest",
            "600 at poll",
            "503 retry-afer=2 at poll",
            "503 !Busy  slow 2m at poll",
            "slow at poll",
            "503 x3 at poll",
            "503 retry-after=now+5 at poll",
            "200 {Failed} at poll",
            "GET=202 +moniter",
            "reset at pol 2",
            "reset at put",
            "monitr=reset",
            "reset at poll 3..1",
            "GET:0=reset",
            "reset at poll two",
            "reset at poll 2 3",
        ];
        let told: Vec<_> = wrong.iter().map(|text| format!("{text}\n  {}", error(text))).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        at poll 2
          at character 1: the answer is missing: what becomes of the request comes first, as in `503 at write` or `reset at poll 2`
        reset
          at character 6: it is not said where: `at` and `write`, `poll` or `read`, as in `429 retry-after=2 at poll 2`
        slow=2
          at character 7: it is not said where: `at` and `write`, `poll` or `read`, as in `429 retry-after=2 at poll 2`
        429 retry-after=2 at
          at character 21: it is not said where: `at` and `write`, `poll` or `read`, as in `429 retry-after=2 at poll 2`
        rest at poll
          at character 1: `rest` is no answer: a fault begins with a status from 200 to 599, with `reset`, `close` or `silent`, or, of the service's own answer, with `cut`, `short`, `stall` or `slow`
        GET=rest
          at character 5: `rest` is no answer: a fault begins with a status from 200 to 599, with `reset`, `close` or `silent`, or, of the service's own answer, with `cut`, `short`, `stall` or `slow`
        600 at poll
          at character 1: `600` is no answer: a fault begins with a status from 200 to 599, with `reset`, `close` or `silent`, or, of the service's own answer, with `cut`, `short`, `stall` or `slow`
        503 retry-afer=2 at poll
          at character 5: `retry-afer=2` says nothing; did you mean `retry-after=2`? (behind a status: `!Code`, `retry-after=2`, `Name:value`, `slow 2`, `cut`, `short`, `stall`)
        503 !Busy  slow 2m at poll
          at character 17: `2m` has no number that can be used: `slow 2` is so many seconds, `cut 100` so many bytes
        slow at poll
          at character 1: `slow` has no number that can be used: `slow 2` is so many seconds, `cut 100` so many bytes
        503 x3 at poll
          at character 5: `x3` repeats nothing: which requests are answered so is said behind `at`, as in `at poll 1..3`
        503 retry-after=now+5 at poll
          at character 5: `retry-after=now+5` is reckoned from now, and a fault has no clock: write seconds, or the date itself
        200 {Failed} at poll
          at character 5: `{Failed}` is a state, a URL or a body: those are a scenario's, and a fault has none of its own
        GET=202 +moniter
          at character 9: `+moniter` is a state, a URL or a body: those are a scenario's, and a fault has none of its own
        reset at pol 2
          at character 10: `pol` is no request; did you mean `poll`? (`write`, `poll`, `read`; by method: GET, HEAD, PUT, PATCH, DELETE, POST; in a scenario: monitor, next-monitor, operation-location, result, next-result, resource, moved, second-host, plain-listener, decoy)
        reset at put
          at character 10: `put` is no request; did you mean `PUT`? (`write`, `poll`, `read`; by method: GET, HEAD, PUT, PATCH, DELETE, POST; in a scenario: monitor, next-monitor, operation-location, result, next-result, resource, moved, second-host, plain-listener, decoy)
        monitr=reset
          at character 1: `monitr` is no request; did you mean `monitor`? (`write`, `poll`, `read`; by method: GET, HEAD, PUT, PATCH, DELETE, POST; in a scenario: monitor, next-monitor, operation-location, result, next-result, resource, moved, second-host, plain-listener, decoy)
        reset at poll 3..1
          at character 15: `3..1` does not say which: a number such as `2`, or `1..3`, or `2..`, counted from 1
        GET:0=reset
          at character 5: `0` does not say which: a number such as `2`, or `1..3`, or `2..`, counted from 1
        reset at poll two
          at character 15: `two` does not say which: a number such as `2`, or `1..3`, or `2..`, counted from 1
        reset at poll 2 3
          at character 17: `3` is too much: the number is the last word
        ");
    }

    #[test]
    fn the_place_counts_characters() {
        let wrong = "503 !Überlast schnell at poll".parse::<Interposed>().unwrap_err();
        assert_eq!((wrong.place, wrong.word.as_str()), (15, "schnell"));
        assert_eq!("503 Name:'a at b' at poll".parse::<Interposed>().unwrap().which, Which::Role(Role::Poll));
    }
}
