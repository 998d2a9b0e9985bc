//! The embedded font: DejaVu Sans cut down to Latin, Greek, mathematics, arrows and super- and subscripts.
//!
//! Text is measured here with the very glyphs that the bitmap shows, so margins and wraps need no font of the system.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};
use std::sync::OnceLock;

/// What an SVG asks for; a reader without DejaVu Sans sees the sans-serif font of the system.
pub(super) const FAMILY: &str = "DejaVu Sans, sans-serif";
/// Distance of two lines of text, in units of the font size.
pub(super) const LINE: f64 = 1.25;
/// Height of a capital letter, in units of the font size.
pub(super) const CAPITAL: f64 = 0.73;
/// How far letters such as g reach below the line, in units of the font size.
pub(super) const DESCENT: f64 = 0.24;

const REGULAR: &[u8] = include_bytes!("font/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("font/DejaVuSans-Bold.ttf");

/// The face, regular or bold; the first call also hands both to plotters under [`FAMILY`].
pub(super) fn face(bold: bool) -> &'static FontRef<'static> {
    static FACES: OnceLock<[FontRef<'static>; 2]> = OnceLock::new();
    let faces = FACES.get_or_init(|| {
        use plotters::style::{FontStyle, register_font};
        // A refusal would only cost plotters' own text measurement, which is never used.
        let _ = register_font(FAMILY, FontStyle::Normal, REGULAR);
        let _ = register_font(FAMILY, FontStyle::Bold, BOLD);
        [REGULAR, BOLD].map(|bytes| FontRef::try_from_slice(bytes).expect("the embedded font is a valid font file, by a test"))
    });
    &faces[usize::from(bold)]
}

/// The scale at which one em of `face` is `size` pixels.
pub(super) fn scale(face: &FontRef, size: f64) -> PxScale {
    let em = face.units_per_em().unwrap_or(2048.0);
    PxScale::from((size * f64::from(face.height_unscaled() / em)) as f32)
}

/// Width of one line of text in pixels.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let face = face(bold);
    let scaled = face.as_scaled(scale(face, size));
    text.chars().map(|letter| f64::from(scaled.h_advance(scaled.glyph_id(letter)))).sum()
}

/// Width of the widest line in pixels.
pub(super) fn widest<S: AsRef<str>>(lines: &[S], size: f64, bold: bool) -> f64 {
    lines.iter().map(|line| width(line.as_ref(), size, bold)).fold(0.0, f64::max)
}

/// The lines into which `text` breaks, at its own line breaks and at spaces, so that none is wider than `limit` if words allow.
pub(super) fn wrap(text: &str, size: f64, bold: bool, limit: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
            if line.is_empty() || width(&longer, size, bold) <= limit {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, word.to_string()));
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glyphs_of_theorists_are_there() {
        for bold in [false, true] {
            for letter in "AZaz09 αβγδελμνξπρστφχψωΓΔΛΣΦΨΩ−×·→←↔±≤≥≈≠∞∂∇∫√∑‖⟨⟩⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄ᵢⱼₖₙₜ–—…°é".chars()
            {
                assert_ne!(face(bold).glyph_id(letter).0, 0, "no glyph for {letter} (bold: {bold})");
            }
        }
    }

    #[test]
    fn the_files_stay_small() {
        assert!(REGULAR.len() < 120_000 && BOLD.len() < 120_000);
    }

    #[test]
    fn width_grows_with_size_and_text_wraps_at_spaces() {
        assert!((width("gain g", 20.0, false) / width("gain g", 10.0, false) - 2.0).abs() < 1e-3);
        let lines = wrap("recovered currents of a network", 12.0, false, 110.0);
        assert!(lines.len() >= 2 && lines.iter().all(|line| width(line, 12.0, false) <= 110.0), "{lines:?}");
        assert!(wrap("", 12.0, false, 50.0).is_empty());
    }
}
