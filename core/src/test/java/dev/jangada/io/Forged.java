package dev.jangada.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files written by hand, with whatever content a test wants. */
final class Forged {
    private Forged() {}

    /** A zip file of stored or deflated members. */
    static byte[] zip(boolean deflated, Map<String, byte[]> members) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setMethod(deflated ? ZipOutputStream.DEFLATED : ZipOutputStream.STORED);
            for (Map.Entry<String, byte[]> m : members.entrySet()) {
                ZipEntry e = new ZipEntry(m.getKey());
                CRC32 crc = new CRC32();
                crc.update(m.getValue());
                e.setSize(m.getValue().length);
                e.setCrc(crc.getValue());
                zip.putNextEntry(e);
                zip.write(m.getValue());
                zip.closeEntry();
            }
        }
        return out.toByteArray();
    }

    /** A PyTorch file with a pickle, and a storage "0" of 16 bytes. */
    static byte[] torch(byte[] pickle) throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put("x/data.pkl", pickle);
        members.put("x/data/0", new byte[16]);
        return zip(false, members);
    }

    /** A pickle's bytes from texts; those of {@code \\x80} and more stand for one byte each. */
    static byte[] bytes(String... parts) {
        return String.join("", parts).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The opcode of a short text. */
    static String text(String s) {
        return "X" + (char) s.length() + "\0\0\0" + s;
    }

    /** A reference to a storage of so many float32. */
    static String storage(String key, int numel) {
        return "(" + text("storage") + "ctorch\nFloatStorage\n" + text(key) + text("cpu") + "K" + (char) numel + "tQ";
    }

    /** A call that makes a tensor, of a storage and of the arguments behind it. */
    static String tensor(String storage, String offset, String sizes, String strides) {
        return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + offset + sizes + strides
                + "\u0089ccollections\nOrderedDict\n)RtR";
    }

    /** A dictionary with tensors and plain values, which uses every opcode that PyTorch writes. */
    static byte[] pickle() {
        return bytes(
                "\u0080\2}q\0(",
                text("w"),
                tensor(storage("0", 4), "K\0", "K\2K\2\u0086", "K\1K\2\u0086"),
                "q\1",
                text("again"),
                "h\1",
                text("row"),
                tensor(storage("0", 4), "K\2", "K\2\u0085", "K\1\u0085"),
                text("list"),
                "](K\1M\1\2J\1\2\3\4G?\u00f8\0\0\0\0\0\0N\u0088\u0089e",
                text("dict"),
                "ccollections\nOrderedDict\n)R(",
                text("a"),
                "K\1u}(",
                text("_metadata"),
                "}ub",
                text("long"),
                "\u008a\5\0\0\0\0\1",
                "u.");
    }

    /** A file as PyTorch wrote it before version 1.6, with one tensor. */
    static byte[] legacy() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes("\u0080\2\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019."));
        out.writeBytes(bytes("\u0080\2M\u00e9\3."));
        out.writeBytes(bytes("\u0080\2}", text("little_endian"), "\u0088s."));
        String storage = storage("77", 4).replace("tQ", "NtQ");
        out.writeBytes(bytes("\u0080\2}", text("w"), tensor(storage, "K\0", "K\4\u0085", "K\1\u0085"), "s."));
        out.writeBytes(bytes("\u0080\2]", text("77"), "a."));
        ByteBuffer elements = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        out.writeBytes(elements.putLong(4)
                .putFloat(1)
                .putFloat(2)
                .putFloat(3)
                .putFloat(4)
                .array());
        return out.toByteArray();
    }
}
