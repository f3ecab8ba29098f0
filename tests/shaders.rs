//! Every shader parses, validates, binds as the engine expects, and agrees with Rust on its uniforms.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic)]

use std::mem::{offset_of, size_of};

use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, Module, StorageAccess, TypeInner};
use resnet_verifier::exec::gpu::shader::{Shader, WORKGROUP};
use resnet_verifier::exec::gpu::uniforms;

fn parse(shader: Shader) -> Module {
    let source = shader.source();
    let module = naga::front::wgsl::parse_str(&source);
    let module =
        module.unwrap_or_else(|error| panic!("{}: {}", shader.name(), error.emit_to_string(&source)));
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
    if let Err(error) = validator.validate(&module) {
        panic!("{}: {}", shader.name(), error.emit_to_string(&source));
    }
    module
}

#[test]
fn every_shader_parses_and_validates() {
    for shader in Shader::ALL {
        let module = parse(shader);
        let [entry] = &module.entry_points[..] else { panic!("{}: not one entry point", shader.name()) };
        assert_eq!(entry.name, "main", "{}", shader.name());
        assert_eq!(u64::from(entry.workgroup_size[0]), WORKGROUP, "{}", shader.name());
    }
}

#[test]
fn every_shader_file_has_a_name_and_every_name_a_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/exec/gpu/shaders");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of the shaders")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    let mut names: Vec<_> = Shader::ALL.iter().map(|shader| format!("{}.wgsl", shader.name())).collect();
    names.extend(["activation.wgsl", "convolution.wgsl"].map(str::to_owned));
    files.sort();
    names.sort();
    assert_eq!(files, names);
}

#[test]
fn every_shader_binds_as_the_engine_expects() {
    for shader in Shader::ALL {
        let module = parse(shader);
        let mut bindings: Vec<_> = module
            .global_variables
            .iter()
            .filter_map(|(_, variable)| {
                variable.binding.map(|binding| (binding.group, binding.binding, variable.space))
            })
            .collect();
        bindings.sort_by_key(|binding| binding.1);
        let read = AddressSpace::Storage { access: StorageAccess::LOAD };
        let write = AddressSpace::Storage { access: StorageAccess::LOAD | StorageAccess::STORE };
        let spaces = std::iter::once(AddressSpace::Uniform).chain(vec![read; shader.reads()]).chain([write]);
        let expected: Vec<_> = spaces.enumerate().map(|(index, space)| (0, index as u32, space)).collect();
        assert_eq!(bindings, expected, "{}", shader.name());
    }
}

#[test]
fn only_activating_shaders_have_the_activation_override() {
    for shader in Shader::ALL {
        let module = parse(shader);
        let found = module.overrides.iter().any(|(_, value)| value.name.as_deref() == Some("ACTIVATION"));
        assert_eq!(found, shader.activates(), "{}", shader.name());
    }
}

/// Members of the uniform struct as (name, offset), and its size.
fn wgsl_layout(shader: Shader) -> (Vec<(String, usize)>, usize) {
    let module = parse(shader);
    let uniform =
        module.global_variables.iter().find(|(_, variable)| variable.space == AddressSpace::Uniform);
    let (_, uniform) = uniform.unwrap_or_else(|| panic!("{}: no uniforms", shader.name()));
    let TypeInner::Struct { members, span } = &module.types[uniform.ty].inner else {
        panic!("{}: the uniforms are no struct", shader.name())
    };
    let named =
        |member: &naga::StructMember| (member.name.clone().unwrap_or_default(), member.offset as usize);
    (members.iter().map(named).collect(), *span as usize)
}

/// Compares the members of a Rust struct with those of the shaders' uniforms.
macro_rules! assert_layout {
    ($name:ident, [$($member:ident),*], [$($shader:expr),*]) => {
        let rust = vec![$((stringify!($member).to_owned(), offset_of!(uniforms::$name, $member))),*];
        for shader in [$($shader),*] {
            assert_eq!(wgsl_layout(shader), (rust.clone(), size_of::<uniforms::$name>()), "{}", shader.name());
        }
    };
}

#[test]
fn uniforms_are_laid_out_alike_in_rust_and_wgsl() {
    assert_layout!(
        Conv,
        [input, output, window, strides, dilation, padding, group, unused, activation],
        [Shader::Conv2d, Shader::Conv2dShared, Shader::ConvGrouped]
    );
    assert_layout!(Pool, [input, output, window, strides, padding, unused], [Shader::Pool]);
    assert_layout!(Map, [activation, elements, channels, unused], [Shader::Map]);
    assert_layout!(
        Combine,
        [shape, first, second, activation, factor, unused, unused_too],
        [Shader::Combine]
    );
    assert_layout!(Softmax, [rows, columns, log, unused], [Shader::Softmax]);
    assert_layout!(Copy, [size, from_strides, to_strides, from_offset, to_offset, unused], [Shader::Copy]);
    assert_layout!(Fill, [elements], [Shader::Fill]);
    assert_layout!(Resize, [input, output], [Shader::Resize]);
}
