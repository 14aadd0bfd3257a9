//! The terminal: ours while somebody is asked, and as it was before afterwards, whatever happens.

use std::{
    io::{self, Write},
    os::fd::AsFd,
};

use nix::sys::termios::{self, SetArg, Termios};
use terminal_size::{Height, Width, terminal_size_of};
use unicode_width::UnicodeWidthChar as _;

use super::say::printable;
use crate::review::{Key, Size};

/// Another screen, lines that do not wrap, no cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?7l\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?7h\x1b[?1049l";

/// What is assumed where the terminal does not tell its size.
const SIZE: Size = Size { columns: 80, lines: 24 };

/// A terminal that sends each key at once. It is put back when this is dropped.
pub(super) struct Terminal<I: AsFd, O: Write> {
    input: I,
    output: O,
    before: Termios,
    /// It shows nothing but ASCII.
    is_plain: bool,
}

impl<I: AsFd, O: Write> Terminal<I, O> {
    pub(super) fn enter(input: I, output: O) -> io::Result<Self> {
        let before = termios::tcgetattr(&input)?;
        let mut raw = before.clone();
        termios::cfmakeraw(&mut raw);
        termios::tcsetattr(&input, SetArg::TCSADRAIN, &raw)?;
        let is_plain = is_plain(|name| std::env::var(name).ok());
        let mut terminal = Self { input, output, before, is_plain };
        terminal.send(ENTER)?;
        Ok(terminal)
    }

    pub(super) fn size(&self) -> Size {
        match terminal_size_of(&self.input) {
            Some((Width(columns), Height(lines))) if columns > 0 && lines > 0 => {
                Size { columns: columns.into(), lines: lines.into() }
            }
            _ => SIZE,
        }
    }

    /// Shows lines. Nothing in them steers the terminal.
    pub(super) fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        let shown = |line: &String| {
            let line = printable(line).replace('\n', "\u{fffd}");
            if self.is_plain { plain(&line) } else { line }
        };
        let lines = lines.iter().map(|line| shown(line) + "\x1b[K");
        let screen = lines.collect::<Vec<_>>().join("\r\n");
        self.send(&format!("\x1b[H{screen}\x1b[J"))
    }

    fn send(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }
}

/// Whether the locale says that the terminal takes no UTF-8. Where it says nothing, nearly all do.
fn is_plain(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    set.is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        !value.contains("utf-8") && !value.contains("utf8")
    })
}

/// A line in ASCII, as wide as it was.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for letter in line.chars() {
        match letter {
            '→' => plain.push('>'),
            '…' => plain.push('~'),
            letter if letter.is_ascii() => plain.push(letter),
            letter => plain.extend(std::iter::repeat_n('?', letter.width().unwrap_or(1))),
        }
    }
    plain
}

impl<I: AsFd, O: Write> Drop for Terminal<I, O> {
    fn drop(&mut self) {
        // Whoever hung up needs neither.
        let _ = self.send(LEAVE);
        let _ = termios::tcsetattr(&self.input, SetArg::TCSADRAIN, &self.before);
    }
}

/// Bytes of a terminal as keys.
#[derive(Debug, Default)]
pub(super) enum Keys {
    #[default]
    Plain,
    /// Behind an escape: what follows is no letter.
    Escape,
    /// In the parameters of a sequence, of which the last byte and a number count.
    Sequence(u8),
}

impl Keys {
    /// Takes a byte; a key where it ends one.
    pub(super) fn push(&mut self, byte: u8) -> Option<Key> {
        let (next, key) = match (&*self, byte) {
            (_, 0x1b) => (Self::Escape, None),
            (Self::Escape, b'[' | b'O') => (Self::Sequence(0), None),
            (Self::Escape, _) => (Self::Plain, None),
            (Self::Sequence(_), b'0'..=b'9') => (Self::Sequence(byte), None),
            (Self::Sequence(number), 0x40..=0x7e) => {
                let key = match (byte, number) {
                    (b'A', _) => Some(Key::Up),
                    (b'B', _) => Some(Key::Down),
                    (b'~', b'5') => Some(Key::PageUp),
                    (b'~', b'6') => Some(Key::PageDown),
                    _ => None,
                };
                (Self::Plain, key)
            }
            (Self::Sequence(number), _) => (Self::Sequence(*number), None),
            (Self::Plain, 0x03) => (Self::Plain, Some(Key::Interrupt)),
            (Self::Plain, b'\r' | b'\n') => (Self::Plain, Some(Key::Enter)),
            (Self::Plain, b' '..=b'~') => (Self::Plain, Some(Key::Letter(char::from(byte)))),
            (Self::Plain, _) => (Self::Plain, None),
        };
        *self = next;
        key
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Read as _};

    use super::*;

    #[test]
    fn a_panic_leaves_the_terminal_as_it_was() {
        let pty = nix::pty::openpty(None, None).unwrap();
        let modes = || termios::tcgetattr(&pty.slave).unwrap();
        let before = modes();
        let flags = |modes: &Termios| (modes.local_flags, modes.input_flags, modes.output_flags);
        let (input, output) = (pty.slave.try_clone().unwrap(), File::from(pty.slave.try_clone().unwrap()));
        let panicked = std::thread::spawn(move || {
            let mut terminal = Terminal::enter(input, output).unwrap();
            let raw = termios::tcgetattr(&terminal.input).unwrap();
            assert!(!raw.local_flags.contains(termios::LocalFlags::ICANON));
            terminal.draw(&["\x1b[31mred\u{202e}".to_owned()]).unwrap();
            panic!("on purpose");
        });
        assert_eq!(panicked.join().unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
        assert_eq!(flags(&modes()), flags(&before));
        let mut sent = vec![0; 1024];
        let read = File::from(pty.master).read(&mut sent).unwrap();
        let sent = String::from_utf8_lossy(&sent[..read]).into_owned();
        assert_eq!(sent, format!("{ENTER}\x1b[H\u{fffd}[31mred\u{fffd}\x1b[K\x1b[J{LEAVE}"));
    }

    #[test]
    fn a_terminal_without_utf_8_is_sent_ascii() {
        let locale = |set: &[(&str, &str)]| {
            is_plain(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(!locale(&[]) && !locale(&[("LANG", "en_US.UTF-8")]) && !locale(&[("LC_ALL", "C.utf8"), ("LANG", "C")]));
        assert!(locale(&[("LANG", "C")]) && locale(&[("LC_ALL", "de_DE.ISO-8859-1"), ("LANG", "C.UTF-8")]));
        assert!(!locale(&[("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C")]));
        assert_eq!(plain("size 1 → 2 … é ＷＩ \u{fffd}"), "size 1 > 2 ~ ? ???? ?");
    }

    #[test]
    fn arrows_are_no_letters() {
        let mut keys = Keys::default();
        let mut typed = |text: &str| text.bytes().filter_map(|byte| keys.push(byte)).collect::<Vec<_>>();
        assert_eq!(typed("\x1b[A\x1bOB\x1b[5~\x1b[6~"), [Key::Up, Key::Down, Key::PageUp, Key::PageDown]);
        assert_eq!(typed("\x1b[1;5A\x1b[200~\x1bA\u{e9}"), [Key::Up]);
        assert_eq!(typed("\x1b["), []);
        assert_eq!(typed("Aa\r\x03"), [Key::Up, Key::Letter('a'), Key::Enter, Key::Interrupt]);
    }
}
