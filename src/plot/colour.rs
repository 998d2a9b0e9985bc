//! Colours: the Okabe–Ito palette, which every reader can tell apart, and the perceptual space in which maps are mixed.

/// A colour of the screen.
///
/// The named ones are the palette of Okabe and Ito. Theory is drawn in [`Colour::BLACK`], simulations in [`Colour::cycle`].
///
/// ```
/// use crosscurrent::plot::Colour;
/// assert_eq!(Colour::cycle(0), Colour::BLUE);
/// assert_ne!(Colour::cycle(1), Colour::cycle(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
}

impl Colour {
    /// Black: theory, text, axes.
    pub const BLACK: Colour = Colour::rgb(0, 0, 0);
    /// White: the paper.
    pub const WHITE: Colour = Colour::rgb(255, 255, 255);
    /// Grey: reference lines.
    pub const GREY: Colour = Colour::rgb(110, 110, 110);
    /// Blue, first of the cycle.
    pub const BLUE: Colour = Colour::rgb(0, 114, 178);
    /// Vermilion, second of the cycle.
    pub const VERMILION: Colour = Colour::rgb(213, 94, 0);
    /// Bluish green, third of the cycle.
    pub const GREEN: Colour = Colour::rgb(0, 158, 115);
    /// Reddish purple, fourth of the cycle.
    pub const PURPLE: Colour = Colour::rgb(204, 121, 167);
    /// Orange, fifth of the cycle.
    pub const ORANGE: Colour = Colour::rgb(230, 159, 0);
    /// Sky blue, sixth of the cycle.
    pub const SKY: Colour = Colour::rgb(86, 180, 233);
    /// Yellow: too pale for thin lines on paper, so not in the cycle.
    pub const YELLOW: Colour = Colour::rgb(240, 228, 66);
    /// What a heat map shows where there is no finite number.
    pub const MISSING: Colour = Colour::rgb(176, 176, 176);

    /// A colour from its three parts.
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Colour { red, green, blue }
    }

    /// The `index`-th colour for a series; after six they come again, so change the marker too.
    pub fn cycle(index: usize) -> Self {
        const CYCLE: [Colour; 6] = [Colour::BLUE, Colour::VERMILION, Colour::GREEN, Colour::PURPLE, Colour::ORANGE, Colour::SKY];
        CYCLE[index % CYCLE.len()]
    }

    /// The colour of a point of the Oklab space (lightness, green–red, blue–yellow), clamped to what a screen can show.
    pub(super) fn from_oklab([lightness, a, b]: [f64; 3]) -> Self {
        let l = (lightness + 0.3963377774 * a + 0.2158037573 * b).powi(3);
        let m = (lightness - 0.1055613458 * a - 0.0638541728 * b).powi(3);
        let s = (lightness - 0.0894841775 * a - 1.2914855480 * b).powi(3);
        let byte = |linear: f64| {
            let linear = linear.clamp(0.0, 1.0);
            let coded = if linear <= 0.0031308 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
            (255.0 * coded).round() as u8
        };
        Colour::rgb(
            byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s),
        )
    }

    /// The point of the Oklab space; its first coordinate is the lightness that an eye sees.
    pub(super) fn to_oklab(self) -> [f64; 3] {
        let linear = |byte: u8| {
            let coded = f64::from(byte) / 255.0;
            if coded <= 0.04045 { coded / 12.92 } else { ((coded + 0.055) / 1.055).powf(2.4) }
        };
        let (r, g, b) = (linear(self.red), linear(self.green), linear(self.blue));
        let l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b).cbrt();
        let m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b).cbrt();
        let s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b).cbrt();
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ]
    }

    /// Black or white, whichever can be read on this colour.
    pub(super) fn readable_ink(self) -> Colour {
        if self.to_oklab()[0] < 0.62 { Colour::WHITE } else { Colour::BLACK }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oklab_goes_there_and_back() {
        for colour in [Colour::BLACK, Colour::WHITE, Colour::BLUE, Colour::VERMILION, Colour::YELLOW, Colour::PURPLE] {
            assert_eq!(Colour::from_oklab(colour.to_oklab()), colour);
        }
    }
}
