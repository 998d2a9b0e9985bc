//! Ticks at round numbers, and their labels as a typesetter would write them.

/// One labelled place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub label: String,
}

/// 3 to 9 round numbers between `low` and `high`, as near as possible to `wanted` of them.
pub(super) fn linear(low: f64, high: f64, wanted: usize) -> Vec<Tick> {
    let (low, high) = (low.min(high), low.max(high));
    let decade = (high - low).log10().floor() as i32;
    let candidates = (decade - 2..=decade).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| (digit, power)));
    let count = |step: f64| ((high / step + 1e-9).floor() - (low / step - 1e-9).ceil()) as i64 + 1;
    let best = candidates
        .map(|(digit, power)| (digit * 10f64.powi(power), power))
        .filter(|&(step, _)| (3..=9).contains(&count(step)))
        .min_by_key(|&(step, _)| (count(step) - wanted as i64).abs() * 2 + i64::from(count(step) > wanted as i64));
    let Some((step, power)) = best else { return Vec::new() };
    let first = (low / step - 1e-9).ceil();
    let values: Vec<f64> = (0..count(step)).map(|k| ((first + k as f64) * step).clamp(low, high)).collect();
    let labels = labels(&values, power);
    values.into_iter().zip(labels).map(|(at, label)| Tick { at, label }).collect()
}

/// Labels of multiples of a step of order 10^`power`: just enough digits to tell them apart.
fn labels(values: &[f64], power: i32) -> Vec<String> {
    let largest = values.iter().fold(0.0f64, |size, value| size.max(value.abs()));
    let order = if largest > 0.0 { (largest * (1.0 + 1e-12)).log10().floor() as i32 } else { 0 };
    let digits = (order - power).max(0) as usize;
    let plain = (-3..5).contains(&order) || (digits > 3 && (-3..15).contains(&order));
    values
        .iter()
        .map(|&value| match plain {
            true => decimal(value, (-power).max(0) as usize),
            false if value.abs() < 1e-9 * largest => "0".to_string(),
            false => format!("{}×10{}", decimal(mantissa(value, order), digits), superscript(order)),
        })
        .collect()
}

/// `value / 10^order` without the overflow that 10^order alone would meet.
fn mantissa(value: f64, order: i32) -> f64 {
    value / 10f64.powi(order / 2) / 10f64.powi(order - order / 2)
}

/// Decades between `low` and `high` labelled as powers of ten, with the places of the minor ticks between them.
pub(super) fn logarithmic(low: f64, high: f64, wanted: usize) -> (Vec<Tick>, Vec<f64>) {
    let (low, high) = (low.min(high), low.max(high));
    let inside = |value: &f64| *value >= low * (1.0 - 1e-9) && *value <= high * (1.0 + 1e-9);
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let of_decades = |digits: &[f64]| -> Vec<f64> {
        (first..=last).flat_map(|power| digits.iter().map(move |digit| digit * 10f64.powi(power))).filter(inside).collect()
    };
    let minor = if last - first <= 6 { of_decades(&[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]) } else { Vec::new() };
    let decades = of_decades(&[1.0]);
    if decades.len() >= 3 {
        let stride = decades.len().div_ceil(wanted.clamp(3, 9)) as i32;
        let power = |value: &f64| value.log10().round() as i32;
        let kept = decades.iter().filter(|value| power(value) % stride == 0);
        let ticks = kept.map(|value| Tick { at: *value, label: format!("10{}", superscript(power(value))) }).collect();
        return (ticks, minor);
    }
    let steps = of_decades(&[1.0, 2.0, 5.0]);
    if steps.len() < 3 {
        return (linear(low, high, wanted.min(5)), minor);
    }
    let plain = steps.iter().all(|value| (1e-3..1e5).contains(value));
    let label = |value: f64| {
        let power = (value * (1.0 + 1e-9)).log10().floor() as i32;
        if plain {
            decimal(value, (-power).max(0) as usize)
        } else {
            format!("{}×10{}", decimal(mantissa(value, power), 0), superscript(power))
        }
    };
    (steps.into_iter().map(|at| Tick { at, label: label(at) }).collect(), minor)
}

/// A number with a fixed number of decimals and a real minus sign; never "−0".
pub(super) fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(size) if size.bytes().all(|byte| matches!(byte, b'0' | b'.')) => size.to_string(),
        Some(size) => format!("−{size}"),
        None => text,
    }
}

fn superscript(power: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = |letter: char| letter.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]);
    power.to_string().chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn familiar_ranges_read_as_expected() {
        assert_eq!(texts(&linear(0.0, 1.0, 5)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(&linear(-2.0, 2.0, 5)), ["−2", "−1", "0", "1", "2"]);
        assert_eq!(texts(&linear(0.0, 4e-5, 5)), ["0", "1×10⁻⁵", "2×10⁻⁵", "3×10⁻⁵", "4×10⁻⁵"]);
        assert_eq!(texts(&logarithmic(0.01, 100.0, 5).0), ["10⁻²", "10⁻¹", "10⁰", "10¹", "10²"]);
        assert_eq!(texts(&logarithmic(0.1, 3.0, 5).0), ["0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(decimal(-0.0001, 2), "0.00");
    }

    proptest! {
        #[test]
        fn ticks_are_few_inside_rising_and_distinct(middle in -1e6f64..1e6, order in -12i32..12, width in 1.0f64..10.0, wanted in 3usize..8) {
            let width = width * 10f64.powi(order);
            prop_assume!(width > 1e-8 * middle.abs());
            let (low, high) = (middle - width, middle + width);
            let ticks = linear(low, high, wanted);
            prop_assert!((3..=9).contains(&ticks.len()), "{ticks:?}");
            prop_assert!(ticks.iter().all(|tick| tick.at >= low && tick.at <= high));
            prop_assert!(ticks.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].label != pair[1].label), "{ticks:?}");
            let mut labels = texts(&ticks);
            labels.sort_unstable();
            labels.dedup();
            prop_assert_eq!(labels.len(), ticks.len());
            prop_assert!(ticks.iter().all(|tick| tick.label.chars().count() <= 16), "{ticks:?}");
        }

        #[test]
        fn logarithmic_ticks_are_few_inside_and_distinct(low in -30.0f64..30.0, decades in 0.05f64..40.0, wanted in 3usize..8) {
            let (low, high) = (10f64.powf(low), 10f64.powf(low + decades));
            let (ticks, minor) = logarithmic(low, high, wanted);
            prop_assert!((2..=9).contains(&ticks.len()), "{ticks:?}");
            prop_assert!(ticks.iter().map(|tick| tick.at).chain(minor).all(|at| at >= low * 0.999_999 && at <= high * 1.000_001));
            prop_assert!(ticks.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].label != pair[1].label), "{ticks:?}");
        }
    }
}
