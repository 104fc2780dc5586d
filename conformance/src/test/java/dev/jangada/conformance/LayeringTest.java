package dev.jangada.conformance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows of the house, from nn and from the backends to core, and which packages of the core may know each other. */
class LayeringTest {
    private static final String[] CPU = {"dev.jangada.cpu.."};
    private static final String[] CUDA = {"dev.jangada.cuda.."};
    private static final String[] NN = {
        "dev.jangada.nn..", "dev.jangada.optim..", "dev.jangada.data..", "dev.jangada.train.."
    };
    private static final String[] CORE = {
        "dev.jangada",
        "dev.jangada.autograd..",
        "dev.jangada.backend..",
        "dev.jangada.capture..",
        "dev.jangada.io..",
        "dev.jangada.kernel..",
        "dev.jangada.ops..",
        "dev.jangada.reference.."
    };

    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("dev.jangada");
    }

    /** A rule about classes that were not found holds for nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.jangada.Shape",
                "dev.jangada.backend.Backend",
                "dev.jangada.kernel.Expr",
                "dev.jangada.cpu.Native",
                "dev.jangada.cuda.driver.Context",
                "dev.jangada.data.IdxFile"
            })
    void everyModuleIsLookedAt(String name) {
        assertThat(classes).extracting(JavaClass::getName).contains(name);
    }

    @Test
    void everyPackageHasItsPlace() {
        classes()
                .should()
                .resideInAnyPackage(CORE)
                .orShould()
                .resideInAnyPackage(NN)
                .orShould()
                .resideInAnyPackage(CPU)
                .orShould()
                .resideInAnyPackage(CUDA)
                .orShould()
                .resideInAPackage("dev.jangada.conformance..")
                .because("a new package must be put into one of the lists of this test")
                .check(classes);
    }

    @Test
    void coreStandsOnTheJdkAlone() {
        classes()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.or(
                        JavaClass.Predicates.resideInAnyPackage(CORE), JavaClass.Predicates.resideInAPackage("java..")))
                .check(classes);
    }

    @Test
    void nnNeverNamesBackend() {
        noClasses()
                .that()
                .resideInAnyPackage(NN)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.jangada.cpu..", "dev.jangada.cuda..", "dev.jangada.reference..")
                .check(classes);
    }

    @Test
    void backendsNeverUseNn() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.jangada.cpu..", "dev.jangada.cuda..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(NN)
                .check(classes);
    }

    @Test
    void foreignTypesStayInTheirBackend() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.jangada.cpu..", "dev.jangada.cuda.driver..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(classes);
    }

    /** The boundary speaks of storage, layout and dtype. */
    @Test
    void backendsNeverSeeTensors() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.jangada.backend..",
                        "dev.jangada.kernel..",
                        "dev.jangada.reference..",
                        "dev.jangada.cpu..",
                        "dev.jangada.cuda..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.jangada.Tensor")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.jangada.autograd..", "dev.jangada.ops..", "dev.jangada.capture..")
                .check(classes);
    }

    @Test
    void kernelLanguageKnowsNoBackend() {
        noClasses()
                .that()
                .resideInAPackage("dev.jangada.kernel..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.jangada.backend..", "dev.jangada.reference..", "dev.jangada.cpu..", "dev.jangada.cuda..")
                .check(classes);
    }

    @Test
    void packagesOfNnHaveNoCycles() {
        slices().matching("dev.jangada.(optim|data|train|nn)..")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }
}
