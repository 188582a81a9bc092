//! The Kotlin library: built and tested by Maven on a Java machine, packed as Android wants it.

use std::fs;
use std::path::{Path, PathBuf};

use xshell::{Cmd, cmd};

use crate::Result;
use crate::library;
use crate::steps::Steps;

/// As in android/pom.xml.
const VERSION: &str = "0.1.0";
const DEPLOY: &str = "org.apache.maven.plugins:maven-deploy-plugin:3.1.4:deploy-file";
const DEPENDENCIES: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/// Where Maven builds.
fn built(steps: &Steps) -> PathBuf {
    steps.workplace.target_dir.join("android/maven")
}

/// Maven on this project of `android/`, told where things are.
fn maven<'a>(steps: &'a Steps, project: &str) -> Cmd<'a> {
    let android = steps.workplace.target_dir.join("android");
    let project = steps.workplace.root.join(project);
    let generated = android.join("generated").display().to_string();
    let build = android.display().to_string();
    cmd!(
        steps.shell,
        "mvn --batch-mode --quiet --file {project} -Dfrostglass.generated={generated}
         -Dfrostglass.build={build}"
    )
}

/// Writes the Kotlin that calls the library, compiles everything, and runs the tests on the library in
/// this folder.
pub(crate) fn test(steps: &Steps, library: &Path) -> Result<()> {
    generate(steps)?;
    steps.run(maven(steps, "android/pom.xml").arg("test").arg(on(library)))
}

/// Runs the tests that are compiled already on another library.
pub(crate) fn test_again(steps: &Steps, library: &Path) -> Result<()> {
    steps.run(maven(steps, "android/pom.xml").arg("surefire:test").arg(on(library)))
}

fn on(library: &Path) -> String {
    format!("-Dfrostglass.library={}", library.display())
}

fn generate(steps: &Steps) -> Result<()> {
    library::bindings(steps, "kotlin", &steps.workplace.target_dir.join("android/generated"))
}

/// Packs the library as an AAR, with these libraries for devices where there are some, and publishes it
/// in a Maven layout, whose folder is returned: AAR, plain jar, sources, documentation, POM.
pub(crate) fn publish(steps: &Steps, devices: Option<&Path>) -> Result<PathBuf> {
    generate(steps)?;
    steps.run(maven(steps, "android/pom.xml").args(["package", "-DskipTests"]))?;
    let android = steps.workplace.target_dir.join("android");
    let part = |suffix: &str| built(steps).join(format!("frostglass-{VERSION}{suffix}.jar"));
    let (classes, sources, documentation) = (part(""), part("-sources"), part("-javadoc"));
    let aar = android.join(format!("frostglass-{VERSION}.aar"));
    assemble(steps, &classes, devices, &aar)?;

    let repository = android.join("repository");
    if repository.is_dir() {
        fs::remove_dir_all(&repository)?;
    }
    let address = format!("file://{}", repository.display());
    let pom = steps.workplace.root.join("android/published.xml");
    steps.run(cmd!(
        steps.shell,
        "mvn --batch-mode --quiet {DEPLOY} -Durl={address} -DpomFile={pom} -Dfile={aar} -Dpackaging=aar
         -Dsources={sources} -Djavadoc={documentation} -Dfiles={classes} -Dtypes=jar -Dclassifiers="
    ))?;
    Ok(repository)
}

/// An AAR is a zip with fixed names in it.
fn assemble(steps: &Steps, classes: &Path, devices: Option<&Path>, aar: &Path) -> Result<()> {
    let folder = steps.workplace.target_dir.join("android/aar");
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let source = steps.workplace.root.join("android");
    fs::copy(classes, folder.join("classes.jar"))?;
    fs::copy(source.join("src/main/AndroidManifest.xml"), folder.join("AndroidManifest.xml"))?;
    fs::copy(source.join("consumer-rules.pro"), folder.join("proguard.txt"))?;
    // The list of resources, of which there are none.
    fs::write(folder.join("R.txt"), "")?;
    if let Some(devices) = devices {
        steps.run(cmd!(steps.shell, "cp -R {devices} {folder}/jni"))?;
    }
    steps.run(cmd!(steps.shell, "jar --create --no-manifest --file {aar} -C {folder} ."))
}

/// Builds and runs the program of `android/consumer` from what was published, on the library in this
/// folder.
pub(crate) fn consume(steps: &Steps, repository: &Path, library: &Path) -> Result<()> {
    // Maven keeps what it has once fetched of a version that does not change.
    let local = cmd!(
        steps.shell,
        "mvn --batch-mode --quiet help:evaluate -Dexpression=settings.localRepository -DforceStdout"
    );
    let kept = PathBuf::from(local.read()?.trim()).join("dev/frostglass");
    if kept.is_dir() {
        fs::remove_dir_all(kept)?;
    }
    let project = "android/consumer/pom.xml";
    let address = format!("-Dfrostglass.repository=file://{}", repository.display());
    steps.run(maven(steps, project).arg("package").arg(&address))?;
    let list = steps.workplace.target_dir.join("android/consumer.classpath");
    let output = format!("-Dmdep.outputFile={}", list.display());
    let goal = format!("{DEPENDENCIES}:build-classpath");
    steps.run(maven(steps, project).args([&goal, &output, &address]))?;
    let classes = steps.workplace.target_dir.join("android/consumer/classes");
    let path = format!("{}:{}", classes.display(), fs::read_to_string(list)?);
    let front = "core/tests/packed/little.front";
    let places = places(library);
    steps.run(cmd!(steps.shell, "java {places...} -cp {path} MainKt {front}"))
}

/// Measures what Kotlin adds to a call into the library of a lab, which says what the call itself takes.
pub(crate) fn overhead(steps: &Steps, library: &Path) -> Result<()> {
    generate(steps)?;
    let project = "android/pom.xml";
    steps.run(maven(steps, project).arg("test-compile"))?;
    let list = steps.workplace.target_dir.join("android/tests.classpath");
    let output = format!("-Dmdep.outputFile={}", list.display());
    let goal = format!("{DEPENDENCIES}:build-classpath");
    steps.run(maven(steps, project).args([goal.as_str(), &output, "-Dmdep.includeScope=test"]))?;
    let built = built(steps);
    let (classes, tests) = (built.join("classes"), built.join("test-classes"));
    let (classes, tests) = (classes.display(), tests.display());
    let path = format!("{classes}:{tests}:{}", fs::read_to_string(list)?);
    let root = format!("-Dfrostglass.root={}", steps.workplace.root.display());
    let places = places(library);
    steps.run(cmd!(steps.shell, "java {places...} {root} -cp {path} dev.frostglass.OverheadKt"))
}

/// Where a Java machine finds the library: for its own calls, and for those that UniFFI makes.
fn places(library: &Path) -> [String; 2] {
    ["java", "jna"].map(|who| format!("-D{who}.library.path={}", library.display()))
}
