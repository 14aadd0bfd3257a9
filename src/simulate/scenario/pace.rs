//! The seconds of a script, and those on the wire.

/// How seconds of a script become seconds on the wire: as they are, or fewer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace(f64);

impl Pace {
    /// As written.
    pub const AS_WRITTEN: Self = Self(1.0);

    /// A shorter wait could not show that it was ignored.
    const LEAST: u32 = 2;

    /// A longer one is there to be too long.
    const MOST: u32 = 3600;

    /// Every wait times `factor`, from 0 to 1.
    #[must_use]
    pub fn scaled(factor: f64) -> Self {
        Self(factor.clamp(0.0, 1.0))
    }

    /// Seconds on the wire for seconds of the script: rounded up, and never fewer than two where
    /// the script has two.
    #[must_use]
    pub fn seconds(self, written: u32) -> u32 {
        if written <= Self::LEAST || written > Self::MOST {
            return written;
        }
        let scaled = (f64::from(written) * self.0).ceil();
        // In range: no more than `written`.
        (scaled as u32).max(Self::LEAST)
    }
}
