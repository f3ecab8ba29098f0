//! What the machine itself must have, and how to get it with apt-get.

use std::path::Path;

use crate::cmd::{Cmd, Shell};

/// Something that comes with the system.
pub struct Need {
    /// What it is, for messages.
    pub what: &'static str,
    /// Whether it is there.
    pub present: fn(&Shell) -> bool,
    /// Its packages on Debian.
    pub debian: &'static [&'static str],
    /// Its packages on Ubuntu, where Chromium is a snap with packages that install it.
    pub ubuntu: &'static [&'static str],
}

/// Node.js, of any version, and npm.
pub const NODE: Need = Need {
    what: "Node.js with npm",
    present: |shell| shell.find("node").is_some() && shell.find("npm").is_some(),
    debian: &["nodejs", "npm"],
    ubuntu: &["nodejs", "npm"],
};

/// A browser of the Chromium family with its WebDriver.
pub const CHROMIUM: Need = Need {
    what: "Chromium with chromedriver",
    present: |shell| browser(shell).is_some() && driver(shell).is_some(),
    debian: &["chromium", "chromium-driver"],
    ubuntu: &["chromium-browser", "chromium-chromedriver"],
};

/// The Vulkan loader with a driver; Mesa's runs on the processor.
pub const VULKAN: Need = Need {
    what: "Vulkan",
    present: |_| vulkan_loader() && vulkan_driver(),
    debian: &["libvulkan1", "mesa-vulkan-drivers"],
    ubuntu: &["libvulkan1", "mesa-vulkan-drivers"],
};

/// Any font at all: a browser without one draws no text.
pub const FONTS: Need = Need {
    what: "fonts",
    present: |_| Path::new("/usr/share/fonts/truetype").is_dir(),
    debian: &["fonts-dejavu-core"],
    ubuntu: &["fonts-dejavu-core"],
};

/// The browser to test with.
pub fn browser(shell: &Shell) -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    std::env::var("CHROMIUM").ok().or_else(|| names.iter().find_map(|name| path_of(shell, name)))
}

/// Its WebDriver.
pub fn driver(shell: &Shell) -> Option<String> {
    std::env::var("CHROMEDRIVER").ok().or_else(|| path_of(shell, "chromedriver"))
}

fn path_of(shell: &Shell, program: &str) -> Option<String> {
    shell.find(program).map(|path| path.to_string_lossy().into_owned())
}

fn vulkan_loader() -> bool {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    folders.iter().any(|folder| Path::new(folder).join("libvulkan.so.1").exists())
}

fn vulkan_driver() -> bool {
    let named = std::env::var_os("VK_DRIVER_FILES").or_else(|| std::env::var_os("VK_ICD_FILENAMES"));
    let has_entries = |dir| std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    named.is_some() || has_entries("/usr/share/vulkan/icd.d") || has_entries("/etc/vulkan/icd.d")
}

/// Installs what is missing.
///
/// # Errors
/// When something is missing and there is no apt-get, or it fails, or the thing is missing even then.
pub fn ensure(shell: &Shell, needs: &[&Need]) -> Result<(), String> {
    let missing: Vec<&Need> = needs.iter().copied().filter(|need| !(need.present)(shell)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if shell.find("apt-get").is_none() {
        return Err(format!("please install {}: only apt-get can be used to do it for you", names(&missing)));
    }
    println!("Installing {}.", names(&missing));
    for cmd in apt_get(&packages(&missing, is_ubuntu()), is_root(shell)) {
        shell.run(&cmd)?;
    }
    let still: Vec<&Need> = missing.into_iter().filter(|need| !(need.present)(shell)).collect();
    if still.is_empty() { Ok(()) } else { Err(format!("apt-get ran, but {} cannot be found", names(&still))) }
}

fn names(needs: &[&Need]) -> String {
    needs.iter().map(|need| need.what).collect::<Vec<_>>().join(", ")
}

fn packages(needs: &[&Need], ubuntu: bool) -> Vec<&'static str> {
    needs.iter().flat_map(|need| if ubuntu { need.ubuntu } else { need.debian }).copied().collect()
}

fn apt_get(packages: &[&str], root: bool) -> Vec<Cmd> {
    let program = if root { "env" } else { "sudo" };
    let before = if root { "" } else { "env " };
    let install =
        format!("{before}DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends");
    let update = Cmd::new(program, &format!("{before}DEBIAN_FRONTEND=noninteractive apt-get update"));
    let install = packages.iter().fold(Cmd::new(program, &install), |cmd, package| cmd.arg(*package));
    vec![update, install]
}

fn is_root(shell: &Shell) -> bool {
    shell.output(&Cmd::new("id", "-u")).is_some_and(|id| id.trim() == "0")
}

fn is_ubuntu() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=ubuntu" || line.starts_with("ID_LIKE=") && line.contains("ubuntu"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_needs_no_sudo() {
        let lines: Vec<String> = apt_get(&["a", "b"], true).iter().map(Cmd::to_string).collect();
        assert_eq!(lines[0], "env DEBIAN_FRONTEND=noninteractive apt-get update");
        assert_eq!(
            lines[1],
            "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends a b"
        );
        assert!(
            apt_get(&["a"], false)[1]
                .to_string()
                .starts_with("sudo env DEBIAN_FRONTEND=noninteractive apt-get")
        );
    }

    #[test]
    fn ubuntu_has_other_names_for_chromium() {
        assert_eq!(
            packages(&[&CHROMIUM, &FONTS], false),
            ["chromium", "chromium-driver", "fonts-dejavu-core"]
        );
        assert_eq!(packages(&[&CHROMIUM], true), ["chromium-browser", "chromium-chromedriver"]);
    }

    #[test]
    fn what_is_there_is_not_installed() {
        let there = Need { what: "x", present: |_| true, debian: &["x"], ubuntu: &["x"] };
        assert_eq!(ensure(&Shell::new(Path::new(".")), &[&there]), Ok(()));
    }
}
