package sqlite

import "syscall"

// networks are the file systems whose files other machines can change, by the number
// in statfs(2): https://man7.org/linux/man-pages/man2/statfs.2.html
var networks = map[uint32]string{
	0x6969:     "NFS",
	0x517b:     "SMB",
	0xff534d42: "CIFS",
	0xfe534d42: "SMB2",
	0x5346414f: "AFS",
	0x73757245: "Coda",
	0x564c:     "NCP",
	0x00c36400: "Ceph",
	0x0bd00bd0: "Lustre",
	0x01161970: "GFS2",
	0x7461636f: "OCFS2",
	0x19830326: "BeeGFS",
	0x47504653: "GPFS",
}

// networkName names the network file system that holds dir, "" when there is none.
func networkName(dir string) (string, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return "", err
	}
	return networks[uint32(fs.Type)], nil //nolint:gosec // the type differs by architecture; the numbers have 32 bits
}
