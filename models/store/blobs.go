package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"gorm.io/gorm"
)

// Files are kept under their SHA-256: the same file twice is kept once, and a fact that names its file's
// digest can be held against it for good.
type blobRow struct {
	SHA256    string `gorm:"column:sha256;primaryKey"`
	Size      int64
	Bytes     []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (blobRow) TableName() string { return "blobs" }

func (tx *txn) keepBlob(raw []byte) (digest string, err error) {
	sum := sha256.Sum256(raw)
	digest = hex.EncodeToString(sum[:])
	row := blobRow{SHA256: digest, Size: int64(len(raw)), Bytes: raw, CreatedAt: ms(tx.s.Now())}
	if err := tx.Clauses(onConflictNothing).Create(&row).Error; err != nil {
		return "", fmt.Errorf("keep file: %w", err)
	}
	return digest, nil
}

func blob(q *gorm.DB, digest string) ([]byte, error) {
	var row blobRow
	if err := q.Where("sha256 = ?", digest).Take(&row).Error; err != nil {
		return nil, found(err, "file")
	}
	return row.Bytes, nil
}

// Blob is a file by its SHA-256 in hex.
func (s *Store) Blob(ctx context.Context, digest string) ([]byte, error) {
	return blob(s.read.WithContext(ctx), digest)
}
