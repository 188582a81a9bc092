package dev.frostglass;

import java.io.File;

/** What only Java can write. */
final class FromJava {
    private FromJava() {}

    static void openNullPath() {
        Model.packed((File) null);
    }
}
