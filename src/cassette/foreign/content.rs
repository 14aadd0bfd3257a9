//! What a file shows of its kind before it is read.

/// How far into a file its kind must show.
const RECOGNISED_WITHIN: usize = 256 * 1024;

/// The text without the byte order mark that .NET likes to write.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The beginning of a file, in which its kind must show.
pub(super) fn beginning(bytes: &[u8]) -> &[u8] {
    let text = without_mark(bytes).trim_ascii_start();
    &text[..text.len().min(RECOGNISED_WITHIN)]
}

/// What follows the first `"name":`. Within a JSON string the quotes would be escaped, so that no
/// recorded body looks like it.
pub(super) fn value_of<'a>(text: &'a [u8], quoted_name: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(quoted_name.len()).position(|window| window == quoted_name)?;
    Some(text[at + quoted_name.len()..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())
}
