//! Repeatable noise: the same place and seed give the same value on every machine.

use super::vector::{V3, lerp};

/// A well-mixed 32-bit hash (the PCG output permutation).
pub(crate) fn hash(x: u32) -> u32 {
    let state = x.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}

/// The hash as a number from 0 to 1.
pub(crate) fn unit(x: u32) -> f32 {
    (hash(x) >> 8) as f32 / 16_777_216.0
}

fn fade(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

fn cell2(x: i32, y: i32, seed: u32) -> f32 {
    let mixed = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77) ^ seed;
    unit(mixed)
}

/// Value noise over the plane, 0 to 1, features about one unit apart.
pub(crate) fn noise2(x: f32, y: f32, seed: u32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (ix, iy) = (fx as i32, fy as i32);
    let (tx, ty) = (fade(x - fx), fade(y - fy));
    let a = lerp(cell2(ix, iy, seed), cell2(ix + 1, iy, seed), tx);
    let b = lerp(cell2(ix, iy + 1, seed), cell2(ix + 1, iy + 1, seed), tx);
    lerp(a, b, ty)
}

/// Value noise in space, 0 to 1, features about one unit apart.
pub(crate) fn noise3(p: V3, seed: u32) -> f32 {
    let fz = p.z.floor();
    let iz = (fz as i32 as u32).wrapping_mul(0xC2B2_AE3D);
    let jz = (fz as i32).wrapping_add(1) as u32;
    let jz = jz.wrapping_mul(0xC2B2_AE3D);
    lerp(noise2(p.x, p.y, seed ^ iz), noise2(p.x, p.y, seed ^ jz), fade(p.z - fz))
}
