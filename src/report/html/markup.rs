//! Markup that recorded text cannot become.
//!
//! Names of elements and attributes are literals of this program. Everything else comes in as text or
//! as the value of an attribute, and is escaped on its way: there is no other way in. Links lead to
//! places of the page alone.

use std::fmt::Write as _;

/// A piece of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Markup(String);

/// Attributes of an element: names and values.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Markup {
    /// Text.
    pub(super) fn text(&mut self, text: &str) {
        escape(&mut self.0, text);
    }

    /// An element with what `within` writes.
    pub(super) fn element(&mut self, name: &'static str, attributes: Attributes<'_>, within: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        within(self);
        let _ = write!(self.0, "</{name}>");
    }

    /// An element with nothing but text.
    pub(super) fn line(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.element(name, attributes, |out| out.text(text));
    }

    /// An element that has no end.
    pub(super) fn void(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.open(name, attributes);
    }

    /// A link to another place of the page.
    pub(super) fn link(&mut self, class: &'static str, anchor: &str, text: &str) {
        self.named_link(class, anchor, "", text);
    }

    /// A link with a longer name for those who hear it; empty: its text is enough.
    pub(super) fn named_link(&mut self, class: &'static str, anchor: &str, name: &str, text: &str) {
        self.0.push_str("<a href=\"#");
        escape(&mut self.0, anchor);
        self.0.push('"');
        for (attribute, value) in [("class", class), ("aria-label", name)] {
            if !value.is_empty() {
                self.attribute(attribute, value);
            }
        }
        self.0.push('>');
        self.text(text);
        self.0.push_str("</a>");
    }

    /// A style sheet or a script of this program.
    pub(super) fn own(&mut self, name: &'static str, text: &'static str) {
        let _ = write!(self.0, "<{name}>{text}</{name}>");
    }

    /// The first line of every document.
    pub(super) fn doctype(&mut self) {
        self.0.push_str("<!doctype html>\n");
    }

    /// Begins a new line, so that the file can be looked at.
    pub(super) fn new_line(&mut self) {
        self.0.push('\n');
    }

    /// What was written.
    pub(super) fn finish(self) -> String {
        self.0
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        let _ = write!(self.0, "<{name}");
        for (name, value) in attributes {
            // These would be read as code or as an address.
            debug_assert!(!name.starts_with("on") && !["style", "href", "src"].contains(name), "{name}");
            self.attribute(name, value);
        }
        self.0.push('>');
    }

    fn attribute(&mut self, name: &'static str, value: &str) {
        let _ = write!(self.0, " {name}=\"");
        escape(&mut self.0, value);
        self.0.push('"');
    }
}

/// Text that is text in an element and in a quoted attribute. What would not be seen, or would turn
/// the order of letters around, is shown by its number.
fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            letter if is_unseen(letter) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
}

fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let mut out = Markup::default();
        let hostile = "</script><img src=x onerror='a()'>\" & \u{1b}[2J\u{202e}\u{2028}é\n";
        out.line("p", &[("title", hostile)], hostile);
        let escaped = "&lt;/script&gt;&lt;img src=x onerror=&#39;a()&#39;&gt;&quot; &amp; \
                       \\u{1b}[2J\\u{202e}\\u{2028}é\n";
        assert_eq!(out.finish(), format!("<p title=\"{escaped}\">{escaped}</p>"));
    }

    #[test]
    fn a_link_stays_on_the_page() {
        let mut out = Markup::default();
        out.link("", "javascript:a()\" onclick=\"b()", "there");
        assert_eq!(out.finish(), "<a href=\"#javascript:a()&quot; onclick=&quot;b()\">there</a>");
    }
}
