//! Points in time, to the second, in UTC. The clock is read once, in `main`; everywhere else time is an argument.

use std::fmt;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Time(pub i64);

impl Time {
    /// Reads exactly `YYYY-MM-DDTHH:MM:SSZ`, the one way a statement may write a time.
    #[must_use]
    pub fn from_statement(text: &str) -> Option<Self> {
        let moment = DateTime::strptime("%Y-%m-%dT%H:%M:%SZ", text).ok()?;
        let time = Self(moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second());
        // One moment has one spelling: what does not print back as it was read (`2026-1-2`, `:60`) is no time.
        (time.to_string() == text).then_some(time)
    }

    /// This many seconds later, or the far end of time.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add_unsigned(seconds))
    }

    /// This many seconds earlier, or the far end of time.
    #[must_use]
    pub fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub_unsigned(seconds))
    }

    /// The day in UTC, `YYYY-MM-DD`.
    #[must_use]
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl fmt::Display for Time {
    /// `YYYY-MM-DDTHH:MM:SSZ`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(moment) => write!(f, "{}", moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

/// A duration for people: `30d`, `36h`, `90m`, in the largest unit that divides it.
#[must_use]
pub fn duration(seconds: u64) -> String {
    const UNITS: [(u64, char); 3] = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    for (unit, letter) in UNITS {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            return format!("{}{letter}", seconds / unit);
        }
    }
    format!("{seconds}s")
}
