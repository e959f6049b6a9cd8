//! How a sum is brought back to i8 on Cortex-M0 and M0+, in the assembly of several kernels.

/// A sum in `$a` becomes the high word of its product with a multiplier, of which `$n` holds the low 16 bits
/// and `$m` the high ones: as in `Requant::apply_in_halves` of `ae-core`, by four products of halves.
///
/// The sum is `2^16 · a + b`. The two products of one high half each and the upper half of the lowest product
/// are added before they are shifted. That sum lies in −2^31 ..= 2^32 − 1: what overflows is positive, and is
/// shifted as such.
///
/// `$b` and `$t` are lost. `$n` is lost too, if no `$u` is given to be lost in its place.
macro_rules! high_word {
    ($a:literal, $n:literal, $m:literal, $b:literal, $t:literal, $u:literal) => {
        high_word!(@ $a, $n, $m, $b, $t, $u, concat!("movs ", $u, ", ", $n, "\n"))
    };
    ($a:literal, $n:literal, $m:literal, $b:literal, $t:literal) => {
        high_word!(@ $a, $n, $m, $b, $t, $n, "")
    };
    (@ $a:literal, $n:literal, $m:literal, $b:literal, $t:literal, $u:literal, $copy:expr) => {
        concat!(
            "uxth ", $b, ", ", $a, "\n",
            "asrs ", $a, ", ", $a, ", #16\n",
            "movs ", $t, ", ", $b, "\n",
            "muls ", $t, ", ", $n, ", ", $t, "\n",
            "lsrs ", $t, ", ", $t, ", #16\n",
            $copy,
            "muls ", $u, ", ", $a, ", ", $u, "\n",
            "adds ", $u, ", ", $u, ", ", $t, "\n",
            "muls ", $b, ", ", $m, ", ", $b, "\n",
            "adds ", $u, ", ", $u, ", ", $b, "\n",
            "bvc 20f\n",
            "lsrs ", $u, ", ", $u, ", #16\n",
            "b 21f\n",
            "20:\n",
            "asrs ", $u, ", ", $u, ", #16\n",
            "21:\n",
            "muls ", $a, ", ", $m, ", ", $a, "\n",
            "adds ", $a, ", ", $a, ", ", $u, "\n",
        )
    };
}

/// The high word in `$a` becomes an output in `$y`: shifted by `$k`, the zero point `$z` added, and saturated
/// to i8. The last bit shifted out, which is the carry, rounds it.
macro_rules! round {
    ($y:literal, $a:literal, $k:literal, $z:literal) => {
        concat!(
            "asrs ",
            $a,
            ", ",
            $k,
            "\n",
            "adcs ",
            $a,
            ", ",
            $z,
            "\n",
            "sxtb ",
            $y,
            ", ",
            $a,
            "\n",
            "cmp ",
            $y,
            ", ",
            $a,
            "\n",
            "beq 22f\n",
            // 127, or −128 for what is negative.
            "asrs ",
            $a,
            ", ",
            $a,
            ", #31\n",
            "movs ",
            $y,
            ", #127\n",
            "eors ",
            $y,
            ", ",
            $a,
            "\n",
            "22:\n",
        )
    };
}

pub(super) use {high_word, round};
