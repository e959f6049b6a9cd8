//! Tables of integers are LiteRT's, integer by integer: `tables.txt` is what `import/make_tables.py` made of
//! LiteRT.

mod common;

use ae_data::Images;
use ae_engine::reconstruct;
use ae_import::{
    Codes, Function, IntegerModel, Lowered, Operation, Padding, Pool, Rounding, SourceFormat,
    SourceModel, Value, lower,
};
use common::made::{MAKING, integers};
use common::models::operator;

const RECORDED: &str = include_str!("import/tables.txt");

/// What LiteRT gives for the integers from −128 on.
struct Recorded {
    name: &'static str,
    codes: [Codes; 2],
    table: Vec<i8>,
}

fn recorded() -> Vec<Recorded> {
    let line = |line: &'static str| {
        let [name, scale_in, zero_in, scale_out, zero_out, table] =
            line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let codes = |scale: &str, zero: &str| Codes {
            scale: scale.parse().unwrap(),
            zero_point: zero.parse().unwrap(),
        };
        let byte = |at: usize| u8::from_str_radix(&table[2 * at..2 * at + 2], 16).unwrap() as i8;
        Recorded {
            name,
            codes: [codes(scale_in, zero_in), codes(scale_out, zero_out)],
            table: (0..256).map(byte).collect(),
        }
    };
    RECORDED.lines().map(line).collect()
}

fn operation(name: &str) -> Operation {
    Operation::Function(match name {
        "QUANTIZE" => return Operation::Identity,
        "SILU" => Function::SiluProduct,
        "GELU" => Function::Gelu,
        "GELU_TANH" => Function::GeluTanh,
        "HARD_SWISH" => Function::HardSwish,
        "LEAKY_RELU" => Function::LeakyRelu(0.1),
        "ELU" => Function::Elu(1.0),
        "RELU" => Function::Relu,
        "RELU6" => Function::Relu6,
        other => panic!("{other}"),
    })
}

/// All integers through one operation, between layers that do nothing.
fn model(operation: Operation, [from, to]: [Codes; 2]) -> SourceModel {
    let pool = || {
        Operation::Maximum(Pool {
            kernel: [1, 1],
            stride: [1, 1],
            padding: Padding::Valid,
            counts_padding: false,
        })
    };
    let value = |codes| Value { name: String::new(), shape: vec![256, 1], codes: Some(codes) };
    SourceModel {
        format: SourceFormat::TensorFlowLite,
        channels_first: false,
        input: value(from),
        operators: vec![
            operator(0, pool(), Some(from)),
            operator(1, operation, Some(to)),
            operator(2, pool(), Some(to)),
        ],
        output: value(to),
    }
}

fn found(lowered: &IntegerModel) -> Vec<i8> {
    let blob = lowered.blob(&MAKING).unwrap();
    let pixels = (0..=255).collect();
    let found = reconstruct(&blob, &Images::new(pixels, 1, 256).unwrap()).unwrap();
    found.into_iter().map(|pixel| (pixel ^ 0x80) as i8).collect()
}

#[test]
fn every_integer_becomes_what_it_does_in_the_runtime() {
    let mut differing = 0;
    for (line, Recorded { name, codes, table }) in recorded().into_iter().enumerate() {
        let lowered = integers(&model(operation(name), codes)).unwrap();
        assert_eq!(found(&lowered), table, "line {line}: {name}");
        assert!(lowered.notes.differences.is_empty());
        // With a slightly other scale it is another table, so that the lines are no weak proof.
        let [from, to] = codes;
        let other = [from, Codes { scale: to.scale * 1.02, ..to }];
        differing +=
            usize::from(found(&integers(&model(operation(name), other)).unwrap()) != table);
    }
    assert!(differing > 40, "{differing}");
}

/// For TensorFlow Lite Micro products are rounded twice, as the sums of such a model are.
#[test]
fn micro_rounds_products_twice() {
    let mut differing = 0;
    for Recorded { name, codes, table } in recorded() {
        let Ok(Lowered::Integers(lowered)) =
            lower(&mut model(operation(name), codes), Rounding::Twice)
        else {
            panic!("{name}")
        };
        let found = found(&lowered);
        let largest = found.iter().zip(&table).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(largest <= 2, "{name}: {largest}");
        match name {
            // These are so in LiteRT, too.
            "RELU" | "RELU6" | "HARD_SWISH" | "GELU" | "GELU_TANH" | "ELU" => {
                assert_eq!(found, table, "{name}");
            }
            _ => differing += usize::from(found != table),
        }
    }
    assert!(differing > 6, "{differing}");
}

#[test]
fn what_no_runtime_computes_so_is_refused_by_name() {
    let codes = |scale| Codes { scale, zero_point: 0 };
    let refused =
        |operation, from, to| integers(&model(operation, [codes(from), codes(to)])).unwrap_err();
    assert_eq!(
        refused(Operation::Identity, 1.0, 0.0078),
        "operator 1, `op1` (Identity): it gives integers another scale, 128.20514 times the one before, \
         and LiteRT's arithmetic is known for 1/256 to 128 times; import the float model that it was \
         made from, and have it quantised here"
    );
    assert_eq!(
        refused(Operation::Function(Function::HardSwish), 1.0, 0.0078),
        "operator 1, `op1` (Function): its input's scale of 1 is over 128 times that of its \
         output, 0.0078, and no runtime takes it; import the float model that it was made from, and \
         have it quantised here"
    );
}
