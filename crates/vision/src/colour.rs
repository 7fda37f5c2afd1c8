//! sRGB (IEC 61966-2-1) to and from linear light, brightness, and CIELAB.

use std::sync::LazyLock;

use multiversion::multiversion;

static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let c = i as f32 / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
});

const STEPS: usize = 16_384;
/// A table of this size needs no look whether a place of 15 bits is inside.
const PLACES: usize = 2 * STEPS;

/// What each place from 0 to [`STEPS`] is as a byte.
static ENCODED: LazyLock<Box<[u8; PLACES]>> = LazyLock::new(|| {
    let mut bytes = Box::new([u8::MAX; PLACES]);
    for (i, byte) in bytes.iter_mut().enumerate().take(STEPS) {
        let v = i as f32 / STEPS as f32;
        let c = if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        *byte = (c * 255.0).round() as u8;
    }
    bytes
});

/// The table of sRGB bytes in linear light, 0..1.
pub(crate) fn linear_table() -> &'static [f32; 256] {
    &LINEAR
}

/// What makes sRGB bytes of linear light; beyond 0..1 is cut off.
#[derive(Clone, Copy)]
pub(crate) struct Encoder(&'static [u8; PLACES]);

impl Encoder {
    /// Ready for use.
    pub fn new() -> Encoder {
        Encoder(&ENCODED)
    }

    /// The bytes of a pixel, whose fourth value fills up.
    #[inline(always)]
    pub fn pixel(self, light: [f32; 4]) -> [u8; 3] {
        // Numbers of this size have no room for fractions: adding it rounds, and leaves the whole number in the last bits.
        const WHOLE: f32 = (1 << 23) as f32;
        // Four at a time.
        let mut places = [0; 4];
        for (place, light) in places.iter_mut().zip(light) {
            *place = (light.clamp(0.0, 1.0) * STEPS as f32 + WHOLE).to_bits() as usize % PLACES;
        }
        [self.0[places[0]], self.0[places[1]], self.0[places[2]]]
    }
}

/// Brightness as coded: Y′ of BT.709, 0..255.
pub(crate) fn luma([r, g, b]: [u8; 3]) -> f32 {
    0.2126 * f32::from(r) + 0.7152 * f32::from(g) + 0.0722 * f32::from(b)
}

/// [`luma`] of pixels side by side.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(crate) fn lumas(pixels: &[[u8; 3]], to: &mut [f32]) {
    const AT_ONCE: usize = 32;
    for (pixels, to) in pixels.chunks(AT_ONCE).zip(to.chunks_mut(AT_ONCE)) {
        // Numbers first: bytes side by side become such many at a time.
        let mut values = [0.0f32; 3 * AT_ONCE];
        for (value, byte) in values.iter_mut().zip(pixels.as_flattened()) {
            *value = f32::from(*byte);
        }
        for (to, [r, g, b]) in to.iter_mut().zip(values.as_chunks().0) {
            *to = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        }
    }
}

/// Luminance: Y of BT.709 in linear light, 0..1.
pub(crate) fn luminance(rgb: [u8; 3]) -> f32 {
    let [r, g, b] = rgb.map(|c| LINEAR[usize::from(c)]);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Cube roots of 0, 1/4096, 2/4096 and on to beyond 1.
static CUBE_ROOTS: LazyLock<Vec<f32>> =
    LazyLock::new(|| (0..=ROOTS + ROOTS / 8 + 1).map(|i| (i as f32 / ROOTS as f32).cbrt()).collect());

const ROOTS: usize = 4096;

/// CIELAB under D65 of linear light, 0..1, to within 0.01.
pub(crate) fn lab([r, g, b]: [f32; 3]) -> [f32; 3] {
    // Between two of the table's: a fifth of the time of a cube root.
    let root = |t: f32| {
        let at = t.min(1.125) * ROOTS as f32;
        let whole = at as usize;
        let (from, to) = (CUBE_ROOTS[whole], CUBE_ROOTS[whole + 1]);
        from + (at - whole as f32) * (to - from)
    };
    let f = |t: f32| if t > 0.008_856 { root(t) } else { 7.787 * t + 16.0 / 116.0 };
    let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.950_47);
    let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIELAB of an sRGB pixel.
pub(crate) fn lab_of(rgb: [u8; 3]) -> [f32; 3] {
    lab(rgb.map(|c| LINEAR[usize::from(c)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_linear_light() {
        for byte in 0..=255u8 {
            let light = [linear_table()[usize::from(byte)]; 4];
            assert_eq!(Encoder::new().pixel(light), [byte; 3]);
        }
    }

    #[test]
    fn lightness_is_the_cube_root_of_light() {
        for i in 0..=10_000 {
            let light = i as f32 / 10_000.0;
            let exact = if light > 0.008_856 { 116.0 * light.cbrt() - 16.0 } else { 903.3 * light };
            let [l, a, b] = lab([light; 3]);
            assert!((l - exact).abs() < 0.01 && a.hypot(b) < 0.1, "{light}: {l} {exact} {a} {b}");
        }
    }

    #[test]
    fn lab_of_red_is_as_published() {
        let [l, a, b] = lab_of([255, 0, 0]);
        assert!((l - 53.2).abs() < 0.2 && (a - 80.1).abs() < 0.3 && (b - 67.2).abs() < 0.3, "{l} {a} {b}");
    }
}
