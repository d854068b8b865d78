//! Days, durations and sizes as people write them.

use jiff::{civil::Date, tz::TimeZone};
use toml::value::Datetime;

use crate::model::Time;

/// Seconds of a day.
pub(super) const DAY: u64 = 86_400;

/// A hundred years: nothing in a policy is meant to last longer, and no sum of such times overflows.
const LONGEST: u64 = 36_525 * DAY;

/// The first second of a day, UTC. `None` where it is not a day alone.
pub(super) fn day(value: &Datetime) -> Option<Time> {
    let Datetime { date: Some(date), time: None, offset: None } = value else { return None };
    let (year, month, day) = (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
    let date = Date::new(year.ok()?, month.ok()?, day.ok()?).ok()?;
    Some(Time(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second()))
}

/// Seconds of `90s`, `90m`, `36h`, `30d`, `2w`. `None` where it is no duration, or one of nothing or of over a hundred
/// years.
pub(super) fn duration(text: &str) -> Option<u64> {
    let unit = match text.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let seconds = digits(text.get(..text.len() - 1)?)?.checked_mul(unit)?;
    (1..=LONGEST).contains(&seconds).then_some(seconds)
}

/// Bytes of `4096`, `64KiB`, `1MiB`, `1GiB`. `None` where it is no size, or none at all.
pub(super) fn size(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
    let with_unit = UNITS.iter().find_map(|(name, unit)| text.strip_suffix(name).map(|rest| (rest, *unit)));
    let (number, unit) = with_unit.unwrap_or((text, 1));
    digits(number)?.checked_mul(unit).filter(|bytes| *bytes > 0)
}

/// What to write instead of `64 MiB`: advice where only a blank is too much. `None` where more is wrong.
pub(super) fn unblanked(text: &str, read: impl Fn(&str) -> Option<u64>) -> Option<String> {
    let whole: String = text.split_whitespace().collect();
    (whole != text && read(&whole).is_some()).then(|| format!("without a blank: \"{whole}\""))
}

/// A number without sign, blank or underscore.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_an_end() {
        assert_eq!(duration("30d"), Some(30 * DAY));
        assert_eq!(duration("36h"), Some(36 * 3_600));
        assert_eq!(duration("90m"), Some(5_400));
        for odd in
            ["", "d", "30", "0d", "-1d", "+1d", " 1d", "1 d", "1D", "1é", "1.5h", "1_0d", "99999999999999999d"]
        {
            assert_eq!(duration(odd), None, "{odd}");
        }
    }

    #[test]
    fn sizes_may_have_a_unit() {
        assert_eq!(size("4096"), Some(4096));
        assert_eq!(size("64KiB"), Some(65_536));
        assert_eq!(size("1GiB"), Some(1 << 30));
        assert_eq!(unblanked("64 MiB", size), Some("without a blank: \"64MiB\"".to_owned()));
        assert_eq!((unblanked("64MiB", size), unblanked("64 MB", size)), (None, None));
        for odd in ["", "KiB", "0", "0MiB", "1MB", "1 MiB", "-1", "99999999999GiB"] {
            assert_eq!(size(odd), None, "{odd}");
        }
    }
}
