//! Texts of a tape with variables in them, and what the variables are in a client's text of the same
//! form.

/// A variable, and a client's value for it.
pub(super) type Claim = (usize, String);

/// A text with variables in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Mould(pub(super) Box<[Piece]>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Piece {
    Text(String),
    Variable(usize),
}

impl Mould {
    pub(super) fn variables(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(number) => Some(*number),
            Piece::Text(_) => None,
        })
    }

    /// What the variables are in a text of this mould; `None` if it is of another. A variable is as
    /// short as what follows allows.
    pub(super) fn claims(&self, text: &str, claims: &mut Vec<Claim>) -> Option<()> {
        let mut rest = text;
        let mut pieces = self.0.iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Text(text) => {
                    rest.get(..text.len()).filter(|start| start.eq_ignore_ascii_case(text))?;
                    rest = &rest[text.len()..];
                }
                Piece::Variable(number) => {
                    let length = match pieces.peek() {
                        Some(Piece::Text(next)) => find_without_case(rest, next)?,
                        Some(Piece::Variable(_)) => rest.chars().next()?.len_utf8(),
                        None => rest.len(),
                    };
                    let value = &rest[..length];
                    if value.is_empty() || value.contains(|letter: char| letter.is_control() || "\"\\".contains(letter))
                    {
                        return None;
                    }
                    claims.push((*number, value.to_owned()));
                    rest = &rest[length..];
                }
            }
        }
        rest.is_empty().then_some(())
    }
}

/// A place behind the first letter, so that a variable is never empty.
fn find_without_case(text: &str, wanted: &str) -> Option<usize> {
    let places = text.char_indices().skip(1).map(|(at, _)| at);
    places
        .into_iter()
        .find(|at| text[*at..].get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted)))
}
