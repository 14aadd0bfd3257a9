//! How much goes onto one page: a browser has to open it, whatever the recordings hold.

/// Exchanges that are drawn.
const ROWS: usize = 4_000;

/// Bytes of headers and bodies, over all exchanges.
const BYTES: usize = 768 * 1024;

/// Bytes of one body that are shown.
pub(super) const BODY: usize = 4 * 1024;

/// Lines of one comparison that are shown.
pub(super) const LINES: usize = 600;

/// Bytes of each side that are compared at all.
pub(super) const COMPARED: usize = 512 * 1024;

/// Findings that are told, each with its place.
pub(super) const REMARKS: usize = 2_000;

/// Rows of one table.
pub(super) const TABLE: usize = 2_000;

/// What is left for exchanges.
#[derive(Debug)]
pub(crate) struct Room {
    rows: usize,
    bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { rows: ROWS, bytes: BYTES }
    }
}

impl Room {
    /// For pictures alone.
    pub(super) fn without_text() -> Self {
        Self { bytes: 0, ..Self::default() }
    }

    /// Room for one more exchange, if there is any.
    pub(super) fn row(&mut self) -> bool {
        let fits = self.rows > 0;
        self.rows = self.rows.saturating_sub(1);
        fits
    }

    /// Room for so many bytes, if there is any.
    pub(super) fn bytes(&mut self, bytes: usize) -> bool {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.unwrap_or(self.bytes);
        left.is_some()
    }

    /// Whether nothing more can be drawn.
    pub(super) fn is_full(&self) -> bool {
        self.rows == 0
    }
}
